package io.foretell.samples.quickstart;

/** Placeholder until the demo is written. */
public final class Quickstart {
    private Quickstart() {}

    public static void main(String[] args) {
        System.out.println("Foretell quickstart: nothing to show yet.");
    }
}
