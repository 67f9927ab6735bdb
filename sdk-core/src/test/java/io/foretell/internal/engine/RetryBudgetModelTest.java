package io.foretell.internal.engine;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lincheck compares three threads with the same operations one after the other. */
@Tag("scorecard")
class RetryBudgetModelTest {
    @Test
    void budget_anySchedule_behavesAsIfOneThreadUsedIt() {
        new ModelCheckingOptions()
                .iterations(5)
                .invocationsPerIteration(200)
                .threads(3)
                .actorsPerThread(3)
                .check(BudgetModel.class);
    }

    @Test
    void budget_realThreads_behavesAsIfOneThreadUsedIt() {
        new StressOptions()
                .iterations(10)
                .invocationsPerIteration(200)
                .threads(3)
                .actorsPerThread(3)
                .check(BudgetModel.class);
    }

    /** Two successes pay for one attempt; time stands still. */
    public static class BudgetModel {
        private final RetryBudget budget = new RetryBudget(0.5, 0, 1, () -> 0);

        @Operation
        public void deposit() {
            budget.deposit(0);
        }

        @Operation
        public boolean withdraw() {
            return budget.withdraw();
        }

        @Operation
        public double balance() {
            return budget.balance();
        }
    }
}
