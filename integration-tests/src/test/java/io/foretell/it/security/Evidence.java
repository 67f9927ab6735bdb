package io.foretell.it.security;

import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.transport.Chain;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Interceptor;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The text of every object that a user of the library gets to see, and of every exception with all its causes. */
final class Evidence extends CallListener implements Interceptor {
    private final Queue<String> statements = new ConcurrentLinkedQueue<>();

    /** Takes down what the object says of itself. */
    <T> T hear(T object) {
        statements.add(object.getClass().getName() + ": " + object);
        return object;
    }

    /** Takes down the stack trace, which has the messages of all causes and of what was suppressed. */
    void hearFault(Throwable fault) {
        StringWriter text = new StringWriter();
        fault.printStackTrace(new PrintWriter(text, true));
        statements.add(text.toString());
    }

    List<String> statements() {
        return List.copyOf(statements);
    }

    @Override
    public CompletableFuture<InferenceResponse> intercept(Chain chain) {
        hear(chain);
        hear(hear(chain.request()).payload());
        hear(chain.request().attributes());
        return chain.proceed(chain.request()).whenComplete((response, fault) -> {
            if (fault != null) {
                hearFault(fault);
                return;
            }
            hear(response);
            hear(response.attributes());
        });
    }

    @Override
    public void callStarted(CallEvent event) {
        hear(event);
    }

    @Override
    public void callEnded(CallEvent event) {
        ended(event);
    }

    @Override
    public void requestStarted(CallEvent event) {
        hear(event);
    }

    @Override
    public void requestEnded(CallEvent event) {
        ended(event);
    }

    @Override
    public void attemptStarted(CallEvent event) {
        hear(event);
    }

    @Override
    public void attemptEnded(CallEvent event) {
        ended(event);
    }

    private void ended(CallEvent event) {
        hear(event);
        hear(event.source());
        hear(event.timings());
        Throwable error = event.error();
        if (error != null) {
            hearFault(error);
        }
    }
}
