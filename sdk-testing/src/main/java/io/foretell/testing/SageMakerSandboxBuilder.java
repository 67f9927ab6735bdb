package io.foretell.testing;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Describes a {@link SageMakerSandbox}. Not thread-safe. */
public final class SageMakerSandboxBuilder {
    private static final Pattern ENDPOINT_NAME = Pattern.compile("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");
    private static final String KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final SecureRandom RANDOM = new SecureRandom();

    final Map<String, BytesModel> endpoints = new HashMap<>();
    String region = "us-east-1";
    String accessKey = "AKIA" + random(16);
    String secretKey = random(40);

    @Nullable
    String sessionToken;

    Clock clock = Clock.systemUTC();
    int maxRequestBytes = 6 * 1024 * 1024;
    boolean plaintext;

    SageMakerSandboxBuilder() {}

    private static String random(int length) {
        return RANDOM.ints(length, 0, KEY_LETTERS.length())
                .collect(StringBuilder::new, (text, i) -> text.append(KEY_LETTERS.charAt(i)), StringBuilder::append)
                .toString();
    }

    /**
     * An endpoint whose container is TensorFlow's: it takes {@code application/json} with {@code inputs} or {@code
     * instances} and answers with {@code outputs} or {@code predictions}.
     *
     * @throws IllegalArgumentException if SageMaker would not have the name, or it is taken
     */
    public SageMakerSandboxBuilder endpoint(String name, Model model) {
        return endpoint(name, new TfServingContainer(model));
    }

    /**
     * An endpoint whose container takes bytes of any media type.
     *
     * @throws IllegalArgumentException if SageMaker would not have the name, or it is taken
     */
    public SageMakerSandboxBuilder endpoint(String name, BytesModel model) {
        if (!ENDPOINT_NAME.matcher(name).matches() || name.length() > 63) {
            throw new IllegalArgumentException("no name for an endpoint: " + name);
        }
        if (endpoints.putIfAbsent(name, Objects.requireNonNull(model, "model")) != null) {
            throw new IllegalArgumentException("endpoint given twice: " + name);
        }
        return this;
    }

    /** The access key to be signed with; a random one unless set. */
    public SageMakerSandboxBuilder accessKey(String accessKey) {
        this.accessKey = requireText("accessKey", accessKey);
        return this;
    }

    /** The secret to be signed with; a random one unless set. */
    public SageMakerSandboxBuilder secretKey(String secretKey) {
        this.secretKey = requireText("secretKey", secretKey);
        return this;
    }

    /** A session token that has to come with the access key, as with keys of a role; none unless set. */
    public SageMakerSandboxBuilder sessionToken(String sessionToken) {
        this.sessionToken = requireText("sessionToken", sessionToken);
        return this;
    }

    private static String requireText(String name, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(name + " is blank");
        }
        return value;
    }

    /** The region that requests have to be signed for; {@code us-east-1} unless set. */
    public SageMakerSandboxBuilder region(String region) {
        this.region = requireText("region", region);
        return this;
    }

    /** What the age of signatures is measured by; the system's clock unless set. */
    public SageMakerSandboxBuilder clock(Clock clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
        return this;
    }

    /**
     * The longest body it takes, in bytes; anything longer is answered with 413. SageMaker's 6,291,456 unless set.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public SageMakerSandboxBuilder maxRequestBytes(int maxRequestBytes) {
        if (maxRequestBytes < 1) {
            throw new IllegalArgumentException("maxRequestBytes < 1: " + maxRequestBytes);
        }
        this.maxRequestBytes = maxRequestBytes;
        return this;
    }

    /** Without TLS, to be put behind a front or looked at on the wire. */
    public SageMakerSandboxBuilder plaintext() {
        plaintext = true;
        return this;
    }

    /** Starts it on a free port of the loopback address. */
    public SageMakerSandbox start() {
        return new SageMakerSandbox(this);
    }
}
