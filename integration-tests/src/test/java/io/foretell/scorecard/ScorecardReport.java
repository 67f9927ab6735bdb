package io.foretell.scorecard;

import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/** Prints the scorecard at the end of the run. Found by JUnit as a service. */
public final class ScorecardReport implements TestExecutionListener {
    @Override
    public void testPlanExecutionFinished(TestPlan testPlan) {
        String table = Scorecard.table();
        if (!table.isEmpty()) {
            System.out.println("\n" + table);
        }
    }
}
