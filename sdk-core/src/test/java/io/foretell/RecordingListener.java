package io.foretell;

import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes events down as "call+ 1" and "call- 1 ok"; notes every end without a start, and every second start or end. */
final class RecordingListener extends CallListener {
    private final List<String> lines = new ArrayList<>();
    private final List<CallEvent> ends = new ArrayList<>();
    private final Set<String> open = new HashSet<>();
    private final Set<String> closed = new HashSet<>();
    private final List<String> faults = new ArrayList<>();

    private synchronized void started(String what, CallEvent event) {
        String key = what + " " + event.id() + (what.equals("attempt") ? "." + event.attempt() : "");
        lines.add(what + "+ " + event.id());
        if (closed.contains(key) || !open.add(key)) {
            faults.add("started again: " + key);
        }
    }

    private synchronized void ended(String what, CallEvent event) {
        String key = what + " " + event.id() + (what.equals("attempt") ? "." + event.attempt() : "");
        lines.add(what + "- " + event.id() + " " + outcome(event.error()));
        ends.add(event);
        if (!open.remove(key) || !closed.add(key)) {
            faults.add("ended without a start or again: " + key);
        }
    }

    private static String outcome(Throwable error) {
        if (error == null) {
            return "ok";
        }
        return error instanceof InferenceException known
                ? known.category().name()
                : error.getClass().getSimpleName();
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    synchronized List<CallEvent> ends() {
        return List.copyOf(ends);
    }

    /** What is open and what went wrong; empty when all is paired. */
    synchronized List<String> unpaired() {
        List<String> all = new ArrayList<>(faults);
        all.addAll(open);
        return all;
    }

    @Override
    public void callStarted(CallEvent event) {
        started("call", event);
    }

    @Override
    public void callEnded(CallEvent event) {
        ended("call", event);
    }

    @Override
    public void requestStarted(CallEvent event) {
        started("request", event);
    }

    @Override
    public void requestEnded(CallEvent event) {
        ended("request", event);
    }

    @Override
    public void attemptStarted(CallEvent event) {
        started("attempt", event);
    }

    @Override
    public void attemptEnded(CallEvent event) {
        ended("attempt", event);
    }
}
