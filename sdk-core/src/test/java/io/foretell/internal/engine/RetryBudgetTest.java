package io.foretell.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foretell.testing.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class RetryBudgetTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final FakeClock clock = new FakeClock();

    private static int drain(RetryBudget budget) {
        int paid = 0;
        while (budget.withdraw()) {
            paid++;
        }
        return paid;
    }

    @Test
    void budget_atTheStart_holdsTheInitial() {
        RetryBudget budget = new RetryBudget(0.2, 10, 100, clock);

        assertThat(budget.balance()).isEqualTo(100);
        assertThat(drain(budget)).isEqualTo(100);
        assertThat(budget.balance()).isZero();
    }

    @Test
    void withdrawal_beyondTheBalance_isRefusedAndCostsNothing() {
        RetryBudget budget = new RetryBudget(0.2, 0, 0, clock);
        for (int i = 0; i < 4; i++) {
            budget.deposit(clock.nanos());
        }

        assertThat(budget.withdraw()).isFalse();
        assertThat(budget.balance()).isEqualTo(0.8, within(1e-9));

        budget.deposit(clock.nanos());
        assertThat(budget.withdraw()).isTrue();
        assertThat(budget.withdraw()).isFalse();
    }

    @Test
    void withdrawal_givenBack_isThereAgainAndForItsTenSeconds() {
        RetryBudget budget = new RetryBudget(0, 0, 1, clock);
        assertThat(budget.withdraw()).isTrue();
        budget.giveBack();

        assertThat(budget.balance()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(10));
        assertThat(budget.balance()).isZero();
    }

    @Test
    void hedges_atFivePercent_areOneInTwentySuccesses() {
        RetryBudget budget = new RetryBudget(0.05, 0, 0, clock);
        int paid = 0;
        for (int i = 0; i < 2_000; i++) {
            budget.deposit(clock.nanos());
            paid += budget.withdraw() ? 1 : 0;
        }

        assertThat(paid).isEqualTo(100);
    }

    @Test
    void trickle_ofEachSecond_addsUpToTenSecondsAtMost() {
        RetryBudget budget = new RetryBudget(0.2, 10, 0, clock);
        clock.advance(SECOND);
        assertThat(budget.balance()).isEqualTo(10);

        clock.advance(Duration.ofHours(1));
        assertThat(budget.balance()).isEqualTo(100);
    }

    @Test
    void deposits_afterTenSeconds_areGone() {
        RetryBudget budget = new RetryBudget(0.5, 0, 0, clock);
        for (int i = 0; i < 40; i++) {
            budget.deposit(clock.nanos());
        }
        clock.advance(Duration.ofSeconds(9));
        assertThat(budget.balance()).isEqualTo(20);

        clock.advance(SECOND);
        assertThat(budget.balance()).isZero();
        assertThat(budget.withdraw()).isFalse();
    }

    @Test
    void tenSeconds_whateverTheyStartWith_spendNoMoreThanTheyEarn() {
        RetryBudget budget = new RetryBudget(0.2, 10, 100, clock);
        int[] spent = new int[120];
        for (int second = 0; second < spent.length; second++) {
            for (int i = 0; i < 50; i++) { // earns 10 and the trickle's 10
                budget.deposit(clock.nanos());
            }
            spent[second] = second % 15 == 14 ? drain(budget) : 0;
            clock.advance(SECOND);
        }

        for (int from = 10; from + 10 <= spent.length; from++) {
            int inTen = 0;
            for (int second = from; second < from + 10; second++) {
                inTen += spent[second];
            }
            assertThat(inTen).as("seconds from %d", from).isLessThanOrEqualTo(200);
        }
        assertThat(spent[119]).isEqualTo(200);
    }

    @Test
    void balance_whenDepositsGrowOldBeforeTheirWithdrawals_isShownAsZero() {
        RetryBudget budget = new RetryBudget(1, 0, 10, clock);
        clock.advance(Duration.ofSeconds(5));
        assertThat(drain(budget)).isEqualTo(10);
        clock.advance(Duration.ofSeconds(5));

        assertThat(budget.balance()).isZero();
        budget.deposit(clock.nanos());
        assertThat(budget.withdraw()).isFalse();

        clock.advance(Duration.ofSeconds(5));
        assertThat(drain(budget)).isEqualTo(1);
    }

    /** 500 calls/s for 60 s; three attempts; 20 % + 10/s, starting with 100. The figures are the law's. */
    @ParameterizedTest
    @CsvSource({
        "0.01, 100.00, 1.011",
        "0.05, 99.99, 1.054",
        "0.10, 99.90, 1.11",
        "0.20, 96.97, 1.217",
        "0.30, 83.2, 1.19",
        "0.50, 57.0, 1.14",
        "1.00, 0, 1.02"
    })
    void amplification_atAFailureRate_followsTheCeilingLaw(
            double failing, double successPercent, double amplification) {
        RetryBudget budget = new RetryBudget(0.2, 10, 100, clock);
        Random random = new Random(11);
        int calls = 30_000;
        int successes = 0;
        int attempts = 0;
        for (int call = 0; call < calls; call++) {
            boolean success = false;
            for (int attempt = 1; attempt <= 3 && !success; attempt++) {
                if (attempt > 1 && !budget.withdraw()) {
                    break;
                }
                attempts++;
                success = random.nextDouble() >= failing;
            }
            if (success) {
                successes++;
                budget.deposit(clock.nanos());
            }
            clock.advance(Duration.ofMillis(2));
        }

        assertThat(100.0 * successes / calls).isCloseTo(successPercent, within(0.8));
        assertThat((double) attempts / calls).isCloseTo(amplification, within(0.008));
    }

    @Test
    void threads_togetherWithdrawing_areNeverPaidMoreThanTheBalance() throws InterruptedException {
        RetryBudget budget = new RetryBudget(0.25, 0, 1_000, clock);
        AtomicInteger paid = new AtomicInteger();
        run(8, () -> {
            for (int i = 0; i < 10_000; i++) {
                budget.deposit(clock.nanos());
                paid.addAndGet(budget.withdraw() ? 1 : 0);
            }
        });

        assertThat(paid.addAndGet(drain(budget))).isEqualTo(1_000 + 8 * 10_000 / 4);
        assertThat(budget.balance()).isZero();
    }

    @Test
    void seconds_passingAmongThreads_loseNothingAndLeaveNothing() throws InterruptedException {
        RetryBudget budget = new RetryBudget(0.3, 0, 0, clock);
        run(8, () -> {
            for (int i = 0; i < 5_000; i++) {
                budget.deposit(clock.nanos());
                budget.withdraw();
                if (i % 50 == 0) {
                    clock.advance(Duration.ofMillis(300));
                }
            }
        });
        clock.advance(Duration.ofSeconds(10));

        for (int i = 0; i < 10; i++) { // exactly as a new one
            budget.deposit(clock.nanos());
        }
        assertThat(budget.balance()).isEqualTo(3, within(1e-9));
    }

    private static void run(int count, Runnable task) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(task);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
