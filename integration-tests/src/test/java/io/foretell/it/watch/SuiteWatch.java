package io.foretell.it.watch;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Watches the whole run, from before the first test; {@link SuiteWatchTest}, the last, tells what was seen. */
public final class SuiteWatch implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        BlockingCalls.watch();
    }
}
