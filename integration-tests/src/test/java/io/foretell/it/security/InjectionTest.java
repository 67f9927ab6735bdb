package io.foretell.it.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.CallOptions;
import io.foretell.Predictor;
import io.foretell.codec.Codec;
import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.SageMaker;
import io.foretell.http.TensorFormat;
import io.foretell.scorecard.Scorecard;
import io.foretell.transport.AttributeKey;
import io.foretell.transport.Payload;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * What could break out of a header, a path or a log line is refused by name, before any connection. The fields are found
 * by reflection: a new one is tried as well.
 */
@Tag("scorecard")
class InjectionTest {
    private static final List<String> CONTROLS =
            List.of("a\rb", "a\nb", "a\r\nX-Evil: 1", "a\0b", "\ta", "a\u007fb", "a\u0085b", "a\u2028b", "a\ud800");
    private static final List<String> NOT_ASCII = List.of("grün", "日本", "a\u00a0b", "a\ud83d\ude00");

    private ServerSocketChannel server;

    @BeforeEach
    void listen() throws IOException {
        server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server.configureBlocking(false);
    }

    @AfterEach
    void nobodyConnected() throws IOException {
        assertThat(server.accept()).as("a connection").isNull();
        server.close();
    }

    /** A method that sets text, and whether what it sets travels in a header or a path, which are ASCII. */
    record Field(Method method, boolean ascii) {
        /** As in messages, whose words are parted by blanks where it reads better. */
        String name() {
            return method.getName().equals("to") ? "target" : method.getName();
        }

        @Override
        public String toString() {
            return method.getDeclaringClass().getName().replaceAll(".*\\.", "") + "." + method.getName();
        }
    }

    static List<Field> fields() {
        return Stream.of(
                        SageMaker.class,
                        SageMaker.Builder.class,
                        TensorFlowServing.class,
                        TensorFlowServing.Builder.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> Arrays.equals(method.getParameterTypes(), new Class<?>[] {String.class}))
                .map(method -> new Field(
                        method,
                        // A served model's names travel in the message, where any text may be.
                        method.getDeclaringClass() != TensorFlowServing.Builder.class))
                .toList();
    }

    @Test
    void everyText_thatIsNoHeader_isRefusedByNameBeforeAnyConnection() throws Exception {
        Scorecard.row("H2", "CR, LF, NUL and non-ASCII in every text of both transports", row -> {
            int tried = 0;
            for (Field field : fields()) {
                List<String> evils = field.ascii() ? with(CONTROLS, NOT_ASCII) : CONTROLS;
                evils.forEach(evil -> requireRefused(field, evil));
                tried += evils.size();
            }
            for (AttributeKey<String> key : keys()) {
                CONTROLS.forEach(evil -> requireRefused(key, evil));
                tried += CONTROLS.size();
            }
            row.inject("reflection over the builders and attribute keys");
            row.atLeast("fields", 12, fields().size())
                    .atLeast("attribute keys", 9, keys().size())
                    .measured("values refused by name", tried)
                    .exactly("connections", 0, server.accept() == null ? 0 : 1);
        });
    }

    private static List<String> with(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    private void requireRefused(Field field, String evil) {
        assertThatThrownBy(() -> buildWith(field.method(), evil))
                .as("%s(%s)", field, evil)
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(error -> requireNamed(error.getMessage(), field.name(), evil));
    }

    private static void requireNamed(String message, String name, String evil) {
        assertThat(message.replace(" ", "").toLowerCase(Locale.ROOT)).contains(name.toLowerCase(Locale.ROOT));
        assertThat(message).doesNotContain(evil).doesNotContainPattern("[^ -~]");
    }

    private void buildWith(Method method, String text) throws Throwable {
        try {
            boolean factory = Modifier.isStatic(method.getModifiers());
            Object made = method.invoke(factory ? null : builder(method.getDeclaringClass()), text);
            if (made instanceof SageMaker.Builder sageMaker) {
                finished(sageMaker).build().close();
            } else {
                TensorFlowServing.Builder serving = (TensorFlowServing.Builder) made;
                (factory ? serving.model("iris") : serving).build().close();
            }
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Object builder(Class<?> type) throws IOException {
        return type == SageMaker.Builder.class
                ? finished(SageMaker.endpoint("iris"))
                : TensorFlowServing.to("127.0.0.1:" + port()).allowPlaintext().model("iris");
    }

    private SageMaker.Builder finished(SageMaker.Builder builder) throws IOException {
        return builder.region("eu-west-1")
                .credentials(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAKEY", "secret")))
                .endpointOverride(URI.create("http://127.0.0.1:" + port()));
    }

    private int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    static List<AttributeKey<String>> keys() {
        return Stream.of(SageMaker.class, TensorFlowServing.class)
                .flatMap(type -> Arrays.stream(type.getFields()))
                .filter(field -> field.getGenericType().getTypeName().endsWith("AttributeKey<java.lang.String>"))
                .map(InjectionTest::key)
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static AttributeKey<String> key(java.lang.reflect.Field constant) {
        try {
            return (AttributeKey<String>) constant.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(constant + " cannot be read", e);
        }
    }

    private static void requireRefused(AttributeKey<String> key, String evil) {
        assertThatThrownBy(() -> CallOptions.none().with(key, evil))
                .as("%s = %s", key, evil)
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(error -> requireNamed(error.getMessage(), key.name().replace(" ", ""), evil));
    }

    @Test
    void payload_mediaTypeThatIsNoHeader_isRefusedByName() throws IOException {
        for (String evil : with(CONTROLS, NOT_ASCII)) {
            requireUnsent(evil);
        }
    }

    private void requireUnsent(String mediaType) throws IOException {
        try (var predictor = Predictor.builder(new Labelled(mediaType))
                .transport(finished(SageMaker.endpoint("iris")).build())
                .build()) {
            InferenceException error = catchThrowableOfType(InferenceException.class, () -> predictor.predict("x"));
            assertThat(error).as(mediaType).isNotNull();
            assertThat(error.category()).isEqualTo(ErrorCategory.INVALID_REQUEST);
            requireNamed(error.getMessage(), "mediatype", mediaType);
        }
    }

    @Test
    void tensorFormat_mediaTypeThatIsNoHeader_isRefusedByName() {
        for (String evil : CONTROLS) {
            assertThatThrownBy(() -> finished(SageMaker.endpoint("iris"))
                            .tensors(new Format(evil))
                            .build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .satisfies(error -> requireNamed(error.getMessage(), "mediatype", evil));
        }
    }

    @Test
    void override_thatIsMoreThanAHost_isRefusedByName() throws URISyntaxException {
        for (String evil : List.of(
                "https://h/gr\u00fcn",
                "https://gr\u00fcn.example",
                "https://u:p@h",
                "https://h?x",
                "https://h#x",
                "h",
                "ftp://h")) {
            URI override = new URI(evil);
            assertThatThrownBy(() -> finished(SageMaker.endpoint("iris"))
                            .endpointOverride(override)
                            .build())
                    .as(evil)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("endpointOverride");
        }
    }

    /** Writes a byte and calls it what it is told to. */
    private record Labelled(String mediaType) implements Codec<String, String> {
        @Override
        public Payload.Kind payload() {
            return Payload.Kind.BYTES;
        }

        @Override
        public Payload encode(List<String> inputs) {
            return Payload.Bytes.of(mediaType, new byte[1]);
        }

        @Override
        public List<ItemResult<String>> decode(Payload payload, int count) {
            throw new AssertionError("there was to be no answer");
        }
    }

    private record Format(String mediaType) implements TensorFormat {
        @Override
        public Payload.Bytes write(Payload.Tensors tensors) {
            return Payload.Bytes.of(mediaType, new byte[1]);
        }

        @Override
        public Payload.Tensors read(Payload.Bytes body) {
            throw new AssertionError("there was to be no answer");
        }
    }
}
