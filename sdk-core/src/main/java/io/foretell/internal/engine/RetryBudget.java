package io.foretell.internal.engine;

import io.foretell.time.Ticker;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What may be spent on attempts that are not the first. Successes feed it, and a trickle for when there are few; both
 * deposits and withdrawals count for 10 s. So in any 10 s no more is spent than these seconds have earned, and a failing
 * server sees little more than the first attempts. Lock-free; never waits.
 *
 * <p>Every deposit and withdrawal goes to the balance and to the slot of its second; a slot that is renewed takes what it
 * holds back out of the balance. So the two agree, whoever overtakes whom. The balance falls below zero when the deposits
 * that a withdrawal was paid with grow old before it does.
 */
final class RetryBudget {
    private static final int SECONDS = 10;
    private static final long SECOND = 1_000_000_000L;
    private static final long TOKEN = 1_000_000; // ratios are kept to a millionth

    private final long deposit;
    private final long trickle;
    private final AtomicLong balance;
    private final AtomicLongArray slots = new AtomicLongArray(SECONDS);
    private final Slices slices;

    /**
     * A budget that holds {@code initial} withdrawals.
     *
     * @param ratio what a success earns, as a share of a withdrawal
     * @param perSecond withdrawals that each second earns
     */
    RetryBudget(double ratio, double perSecond, int initial, Ticker ticker) {
        this.deposit = Math.round(ratio * TOKEN);
        this.trickle = Math.round(perSecond * TOKEN);
        this.balance = new AtomicLong(initial * TOKEN);
        this.slots.set(0, initial * TOKEN);
        this.slices = new Slices(SECONDS, SECOND, ticker, this::renew);
    }

    private void renew(int slot) {
        balance.addAndGet(trickle - slots.getAndSet(slot, trickle));
    }

    /** A success of this moment earns its share. */
    void deposit(long now) {
        int slot = slices.slot(now);
        balance.addAndGet(deposit);
        slots.addAndGet(slot, deposit);
    }

    /** Pays for one attempt; false where the balance does not hold it. */
    boolean withdraw() {
        int slot = slices.slot();
        long seen = balance.get();
        while (seen >= TOKEN) {
            if (balance.compareAndSet(seen, seen - TOKEN)) {
                slots.addAndGet(slot, -TOKEN);
                return true;
            }
            seen = balance.get();
        }
        return false;
    }

    /** What was paid for did not happen. */
    void giveBack() {
        int slot = slices.slot();
        balance.addAndGet(TOKEN);
        slots.addAndGet(slot, TOKEN);
    }

    /** How many attempts it would pay for now, never below zero. */
    double balance() {
        slices.slot();
        return Math.max(0, balance.get()) / (double) TOKEN;
    }
}
