package io.foretell.internal.engine;

import io.foretell.codec.ItemResult;
import io.foretell.error.InferenceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What calls that go together have in common. Walked by index: for one call an iterator is dear. */
final class Calls {
    private Calls() {}

    /** Those that have not ended. */
    static <I, O> List<Call<I, O>> live(List<Call<I, O>> calls) {
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).isSettled()) {
                return calls.stream().filter(each -> !each.isSettled()).toList();
            }
        }
        return calls;
    }

    /** Whether none is live. */
    static boolean areSettled(List<? extends Call<?, ?>> calls) {
        for (int i = 0; i < calls.size(); i++) {
            if (!calls.get(i).isSettled()) {
                return false;
            }
        }
        return true;
    }

    /** Whether all of them may run twice. */
    static boolean areIdempotent(List<? extends Call<?, ?>> calls) {
        for (int i = 0; i < calls.size(); i++) {
            if (!calls.get(i).group().terms.idempotent()) {
                return false;
            }
        }
        return true;
    }

    /** Whether somebody wants to know of one of them how long each phase has taken. */
    static boolean areTimed(List<? extends Call<?, ?>> calls) {
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).group().isTimed()) {
                return true;
            }
        }
        return false;
    }

    /** Of their groups the one whose deadline is last. */
    static <I, O> CallGroup<I, O> lastToExpire(List<Call<I, O>> calls) {
        CallGroup<I, O> last = calls.get(0).group();
        for (int i = 1; i < calls.size(); i++) {
            CallGroup<I, O> group = calls.get(i).group();
            last = group != last && group.deadlineNanos() - last.deadlineNanos() > 0 ? group : last;
        }
        return last;
    }

    /**
     * Their results, with an error for each of several whose own deadline has passed.
     *
     * @param late gives the error for a time-out
     */
    static <I, O> List<ItemResult<O>> inTime(
            List<Call<I, O>> calls,
            List<ItemResult<O>> results,
            long now,
            Function<Duration, InferenceException> late) {
        List<ItemResult<O>> checked = results;
        for (int i = 0; i < calls.size() && calls.size() > 1; i++) {
            CallGroup<I, O> group = calls.get(i).group();
            if (group.isExpired(now)) { // its timer may be waiting for this very thread
                checked = checked == results ? new ArrayList<>(results) : checked;
                checked.set(i, ItemResult.failed(late.apply(group.terms.timeout())));
            }
        }
        return checked;
    }

    static <I, O> List<I> inputs(List<Call<I, O>> calls) {
        if (calls.size() == 1) {
            return List.of(calls.get(0).input);
        }
        List<I> inputs = new ArrayList<>(calls.size());
        calls.forEach(call -> inputs.add(call.input));
        return inputs;
    }
}
