package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.codec.ItemResult;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.testing.FakeTransport;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadsTest {
    private final Map<String, Thread> ranOn = new ConcurrentHashMap<>();
    private final FakeTransport transport = new FakeTransport();
    private final ExecutorService eventLoop = Executors.newSingleThreadExecutor();
    private Thread loopThread;
    private Predictor<String, String> predictor;

    @BeforeEach
    void answerOnAnEventLoop() throws Exception {
        loopThread = eventLoop.submit(Thread::currentThread).get();
        transport.script((request, context) -> {
            CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
            eventLoop.execute(() -> answer.complete(response("x")));
            return answer;
        });
        TextCodec codec = new TextCodec() {
            @Override
            public Payload encode(List<String> inputs) {
                ranOn.put("encode", Thread.currentThread());
                return super.encode(inputs);
            }

            @Override
            public List<ItemResult<String>> decode(Payload payload, int count) {
                ranOn.put("decode", Thread.currentThread());
                return super.decode(payload, count);
            }
        };
        predictor = Predictor.builder(codec)
                .transport(transport)
                .listener(new CallListener() {
                    @Override
                    public void attemptEnded(CallEvent event) {
                        ranOn.put("attempt end", Thread.currentThread());
                    }

                    @Override
                    public void callEnded(CallEvent event) {
                        ranOn.put("call end", Thread.currentThread());
                    }
                })
                .build();
    }

    @AfterEach
    void close() {
        predictor.close();
        eventLoop.shutdown();
    }

    @Test
    void predict_blocking_runsEverythingOnTheWaitingThread() {
        assertThat(predictor.predict("a")).isEqualTo("x");
        assertThat(ranOn)
                .hasSize(4)
                .allSatisfy((what, thread) -> assertThat(thread).as(what).isSameAs(Thread.currentThread()));
    }

    @Test
    void predictAsync_runsCallbacksOnTheExecutorAndNotOnTheEventLoop() {
        for (int i = 0; i < 200; i++) { // answered before or after the future could be seen
            Thread completing = predictor
                    .predictAsync("a")
                    .thenApply(value -> Thread.currentThread())
                    .join();
            assertThat(completing).isNotSameAs(loopThread);
            assertThat(ranOn.remove("encode")).isSameAs(Thread.currentThread());
            assertThat(ranOn)
                    .hasSize(3)
                    .allSatisfy((what, thread) ->
                            assertThat(thread.getName()).as(what).contains("-callback-"));
        }
    }

    @Test
    void predictAsync_onATransportThatAnswersAtOnce_stillUsesTheExecutor() {
        FakeTransport prompt = new FakeTransport().answer(request -> response("y"));
        try (Predictor<String, String> other =
                predictor.toBuilder().transport(prompt).build()) {
            assertThat(other.predictAsync("a").join()).isEqualTo("y");
            assertThat(ranOn.get("decode").getName()).contains("-callback-");
        }
    }

    @Test
    void interceptor_answeringOnAnotherThread_leavesDecodingToTheExecutor() {
        try (Predictor<String, String> other = predictor.toBuilder()
                .interceptor(chain -> CompletableFuture.supplyAsync(() -> response("z"), eventLoop))
                .build()) {
            assertThat(other.predictAsync("a").join()).isEqualTo("z");
            assertThat(ranOn.get("decode").getName()).contains("-callback-");
        }
    }

    @Test
    void callbackExecutor_ofTheCallersThread_runsOnTheEventLoop() {
        try (Predictor<String, String> direct =
                predictor.toBuilder().callbackExecutor(Runnable::run).build()) {
            assertThat(direct.predictAsync("a").join()).isEqualTo("x");
            assertThat(ranOn.get("encode")).isSameAs(Thread.currentThread());
        }
    }
}
