package io.foretell.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** AWS's own signer is the judge. */
class SigV4VerifierTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final byte[] BODY = "{\"instances\":[1]}".getBytes(StandardCharsets.UTF_8);
    private static final AwsCredentialsIdentity KEY = AwsCredentialsIdentity.create("AKIDEXAMPLE", "secret");

    private final SigV4Verifier verifier = verifier(null);

    @Test
    void signature_ofAws_passes() {
        for (String uri : List.of(
                "/endpoints/iris/invocations",
                "/endpoints/iris/invocations?b=2&a=1&a=0&empty",
                "/endpoints/a%20b%2Fc/in~vo_ca.tions")) {
            assertThatCode(() -> verifier.verify(signed(uri, KEY, NOW))).as(uri).doesNotThrowAnyException();
        }
    }

    /** The case post-vanilla of the suite that AWS publishes: no header has the body's hash, as boto3 sends it. */
    @Test
    void signature_withoutContentHash_passes() {
        SigV4Verifier published = new SigV4Verifier(
                "AKIDEXAMPLE",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                null,
                "us-east-1",
                "service",
                Clock.fixed(Instant.parse("2015-08-30T12:36:00Z"), ZoneOffset.UTC));
        Map<String, List<String>> headers = Map.of(
                "host",
                List.of("example.amazonaws.com"),
                "x-amz-date",
                List.of("20150830T123600Z"),
                "authorization",
                List.of("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                        + "SignedHeaders=host;x-amz-date, "
                        + "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"));
        assertThatCode(() -> published.verify(new SigV4Verifier.Request("POST", "/", headers, new byte[0])))
                .doesNotThrowAnyException();
        assertThat(refusal(published, new SigV4Verifier.Request("POST", "/", headers, BODY))
                        .type())
                .isEqualTo("InvalidSignatureException");
    }

    @Test
    void signature_sessionTokenRight_passes() {
        AwsCredentialsIdentity session = AwsSessionCredentialsIdentity.create("AKIDEXAMPLE", "secret", "token");
        assertThatCode(() -> verifier("token").verify(signed("/", session, NOW)))
                .doesNotThrowAnyException();
        assertThat(refusal(verifier("other"), signed("/", session, NOW)).type())
                .isEqualTo("UnrecognizedClientException");
        assertThat(refusal(verifier("token"), signed("/", KEY, NOW)).type()).isEqualTo("UnrecognizedClientException");
        assertThat(refusal(verifier, signed("/", session, NOW)).type()).isEqualTo("UnrecognizedClientException");
    }

    @Test
    void signature_anythingChanged_refused() {
        SigV4Verifier.Request request = signed("/endpoints/iris/invocations", KEY, NOW);
        assertRefused(with(request, request.headers(), new byte[] {1}), "InvalidSignatureException");
        assertRefused(with(request, changed(request, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"), BODY), "Invalid");
        assertRefused(with(request, changed(request, "host", "elsewhere"), BODY), "InvalidSignatureException");
        assertRefused(with(request, changed(request, "x-amz-new", "unsigned"), BODY), "InvalidSignatureException");
        assertRefused(
                new SigV4Verifier.Request("POST", "/endpoints/other/invocations", request.headers(), BODY), "Invalid");
        assertRefused(new SigV4Verifier.Request("PUT", request.uri(), request.headers(), BODY), "Invalid");
    }

    @Test
    void signature_otherSecret_refused() {
        SageMakerError refusal =
                refusal(verifier, signed("/", AwsCredentialsIdentity.create("AKIDEXAMPLE", "wrong"), NOW));
        assertThat(refusal.status()).isEqualTo(403);
        assertThat(refusal.type()).isEqualTo("InvalidSignatureException");
        assertThat(refusal.body()).contains("{\"message\":\"The request signature we calculated does not match");
    }

    @Test
    void signature_otherKey_refused() {
        assertRefused(
                signed("/", AwsCredentialsIdentity.create("AKIDOTHER", "secret"), NOW), "UnrecognizedClientException");
    }

    @Test
    void signature_ofAFormerKey_isExpired() {
        SigV4Verifier rotated = verifier.rotated("AKIDSECOND", "second").rotated("AKIDTHIRD", "third");
        AwsCredentialsIdentity second = AwsCredentialsIdentity.create("AKIDSECOND", "second");
        AwsCredentialsIdentity third = AwsCredentialsIdentity.create("AKIDTHIRD", "third");

        for (AwsCredentialsIdentity former : List.of(KEY, second)) {
            assertThat(refusal(rotated, signed("/", former, NOW)).type()).isEqualTo("ExpiredTokenException");
        }
        assertThatCode(() -> rotated.verify(signed("/", third, NOW))).doesNotThrowAnyException();
        assertThatCode(() -> rotated.rotated("AKIDEXAMPLE", "secret").verify(signed("/", KEY, NOW)))
                .as("a key that comes back")
                .doesNotThrowAnyException();
    }

    @Test
    void signature_missingOrBroken_refused() {
        SigV4Verifier.Request request = signed("/", KEY, NOW);
        Map<String, List<String>> none = new HashMap<>(request.headers());
        none.remove("authorization");
        assertRefused(with(request, none, BODY), "MissingAuthenticationTokenException");
        for (String broken : List.of("", "Basic abc", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b")) {
            assertRefused(
                    with(request, changed(request, "authorization", broken), BODY), "IncompleteSignatureException");
        }
    }

    @Test
    void signature_clockSkewed_refusedWithTheReason() {
        assertThatCode(() -> verifier.verify(signed("/", KEY, NOW.minus(Duration.ofMinutes(5)))))
                .doesNotThrowAnyException();
        assertThat(refusal(verifier, signed("/", KEY, NOW.minusSeconds(301))).body())
                .contains("Signature expired: 20260102T025904Z is now earlier than 20260102T025905Z"
                        + " (20260102T030405Z - 5 min.)");
        assertThat(refusal(verifier, signed("/", KEY, NOW.plusSeconds(301))).body())
                .contains("Signature not yet current: 20260102T030906Z is still later than 20260102T030905Z"
                        + " (20260102T030405Z + 5 min.)");
    }

    @Test
    void signature_otherScope_refused() {
        SigV4Verifier elsewhere = new SigV4Verifier("AKIDEXAMPLE", "secret", null, "eu-west-1", "sagemaker", clock());
        assertThat(refusal(elsewhere, signed("/", KEY, NOW)).body()).contains("valid region");
        SigV4Verifier another = new SigV4Verifier("AKIDEXAMPLE", "secret", null, "us-east-1", "s3", clock());
        assertThat(refusal(another, signed("/", KEY, NOW)).body()).contains("correct service: 's3'");
    }

    private void assertRefused(SigV4Verifier.Request request, String type) {
        assertThat(refusal(verifier, request).type()).startsWith(type);
    }

    private static SageMakerError refusal(SigV4Verifier verifier, SigV4Verifier.Request request) {
        return catchThrowableOfType(SageMakerError.class, () -> verifier.verify(request));
    }

    private static SigV4Verifier verifier(String token) {
        return new SigV4Verifier("AKIDEXAMPLE", "secret", token, "us-east-1", "sagemaker", clock());
    }

    private static Clock clock() {
        return Clock.fixed(NOW, ZoneOffset.UTC);
    }

    private static SigV4Verifier.Request with(
            SigV4Verifier.Request request, Map<String, List<String>> headers, byte[] body) {
        return new SigV4Verifier.Request(request.method(), request.uri(), headers, body);
    }

    private static Map<String, List<String>> changed(SigV4Verifier.Request request, String name, String value) {
        Map<String, List<String>> headers = new HashMap<>(request.headers());
        headers.put(name, List.of(value));
        return headers;
    }

    private static SigV4Verifier.Request signed(String uri, AwsCredentialsIdentity identity, Instant at) {
        SdkHttpRequest unsigned = SdkHttpRequest.builder()
                .uri(URI.create("https://127.0.0.1:8443" + uri))
                .method(SdkHttpMethod.POST)
                .putHeader("Content-Type", "application/json")
                .putHeader("X-Amzn-SageMaker-Custom-Attributes", "  a=1,   b=2 ")
                .build();
        SdkHttpRequest signed = AwsV4HttpSigner.create()
                .sign(signing -> signing.identity(identity)
                        .request(unsigned)
                        .payload(ContentStreamProvider.fromInputStreamSupplier(() -> new ByteArrayInputStream(BODY)))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "sagemaker")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1")
                        .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(at, ZoneOffset.UTC)))
                .request();
        Map<String, List<String>> headers = new HashMap<>();
        signed.headers().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), new ArrayList<>(values)));
        String query = signed.encodedQueryParameters().map(text -> "?" + text).orElse("");
        return new SigV4Verifier.Request("POST", signed.encodedPath() + query, headers, BODY);
    }
}
