package io.foretell.benchmarks.batching;

import java.io.IOException;

/** The cores that this process, and what it starts, may use. Set by {@code taskset}, which there is on Linux. */
final class Cores {
    private static final int ALL = Runtime.getRuntime().availableProcessors(); // before it is on one

    private Cores() {}

    static void useOne() throws IOException, InterruptedException {
        use("0");
    }

    static void useAll() throws IOException, InterruptedException {
        use("0-" + (ALL - 1));
    }

    private static void use(String cores) throws IOException, InterruptedException {
        String pid = Long.toString(ProcessHandle.current().pid());
        int exit = new ProcessBuilder("taskset", "--all-tasks", "--cpu-list", "--pid", cores, pid)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("taskset to cores " + cores + " ended with " + exit);
        }
    }
}
