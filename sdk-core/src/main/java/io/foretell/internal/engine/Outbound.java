package io.foretell.internal.engine;

import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent.Reason;
import io.foretell.policy.HedgingPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.time.Scheduler;
import io.foretell.transport.Route;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What all requests of a predictor share on their way out: the endpoints, one budget, and the rules for attempts. */
final class Outbound {
    final Policies policies;
    final Listeners listeners;
    final RetryBudget budget;
    private final RetryBudget hedgeBudget;
    final RetryRules rules;
    final @Nullable Shadow shadow;

    /** True as soon as no attempt may follow another. */
    volatile boolean closing;

    /** True as soon as what is out is being given up: nothing is sent any more. */
    volatile boolean givenUp;

    private final List<List<Endpoint>> arms;
    private final double[] upTo;

    Outbound(Route route, Policies policies, Listeners listeners, Callbacks callbacks) {
        this.policies = policies;
        this.listeners = listeners;
        RetryPolicy retry = policies.retry();
        this.budget =
                new RetryBudget(retry.budgetRatio(), retry.budgetPerSecond(), retry.budgetInitial(), policies.ticker());
        this.hedgeBudget = new RetryBudget(policies.hedging().maxExtra(), 0, 0, policies.ticker());
        this.rules = new RetryRules(retry, policies.random());
        List<Endpoint> all = route.endpoints().stream()
                .map(each -> new Endpoint(each, policies))
                .toList();
        this.arms = route.weights().isEmpty()
                ? List.of(all)
                : all.stream().map(List::of).toList();
        this.upTo = new double[route.weights().size()];
        double sum = 0;
        for (int i = 0; i < upTo.length; i++) {
            sum += route.weights().get(i);
            upTo[i] = sum;
        }
        Transport copy = route.shadow();
        this.shadow = copy == null
                ? null
                : new Shadow(new Endpoint(copy, policies), route.shadowShare(), policies, listeners, callbacks);
    }

    /** The endpoints that one request may use, the preferred one first. */
    List<Endpoint> draw() {
        if (arms.size() == 1) {
            return arms.get(0);
        }
        RandomGenerator random = policies.random();
        double at = random.nextDouble() * upTo[upTo.length - 1];
        for (int i = 0; i < upTo.length - 1; i++) {
            if (at < upTo[i]) {
                return arms.get(i);
            }
        }
        return arms.get(arms.size() - 1);
    }

    /** Runs a task later, unless cancelled. */
    Scheduler.Timer timer(Runnable task, long delayNanos) {
        return policies.scheduler().schedule(task, delayNanos);
    }

    /** How long an attempt may take, as far as that is not the call's affair; null for no limit. */
    @Nullable
    Duration attemptTimeout(boolean probe) {
        Duration own = policies.attemptTimeout();
        Duration probing = policies.breaker().halfOpenFor();
        return probe && (own == null || own.compareTo(probing) > 0) ? probing : own;
    }

    /** How long an attempt may be out before another is made beside it; negative for never. */
    long hedgeDelay(Endpoint endpoint) {
        HedgingPolicy hedging = policies.hedging();
        long usual = hedging.enabled() ? endpoint.latencies.percentile(hedging.percentile()) : -1;
        return usual < 0 ? -1 : Math.max(usual, hedging.minDelay().toNanos());
    }

    /** How long the fastest takes that an attempt after one at {@code last} may go to; not positive where unknown. */
    long usualNanos(List<Endpoint> candidates, @Nullable Endpoint last) {
        long least = Long.MAX_VALUE;
        for (Endpoint endpoint : candidates) {
            if (endpoint != last || candidates.size() == 1) {
                least = Math.min(least, endpoint.latencies.percentile(50));
            }
        }
        return least;
    }

    boolean paysHedge() {
        if (!hedgeBudget.withdraw()) {
            return false;
        }
        if (!budget.withdraw()) {
            hedgeBudget.giveBack();
            return false;
        }
        return true;
    }

    /** An attempt that was paid for, if it costs anything, is not made. */
    void giveBack(Reason reason) {
        if (reason == Reason.HEDGE) {
            hedgeBudget.giveBack();
        }
        if (reason == Reason.HEDGE || reason == Reason.RETRY) {
            budget.giveBack();
        }
    }

    /** A request succeeded, which pays for retries to come. */
    void paid(long now) {
        budget.deposit(now);
        if (policies.hedging().enabled()) {
            hedgeBudget.deposit(now);
        }
    }

    InferenceException breakersOpen(List<Endpoint> candidates) {
        return candidates.get(0).failures.breakerOpen(candidates.size());
    }

    List<Endpoint> endpoints() {
        return arms.stream().flatMap(List::stream).toList();
    }
}
