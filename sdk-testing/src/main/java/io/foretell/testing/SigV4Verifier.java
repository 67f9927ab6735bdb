package io.foretell.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Checks an AWS signature, version 4, in its header form, the way a service does: the signature is computed again from
 * what arrived, body included. Knows one key, and those it took over from. Immutable, and a function of the request and
 * the clock.
 */
final class SigV4Verifier {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");
    private static final String MISMATCH = "The request signature we calculated does not match the signature you"
            + " provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for"
            + " details.";

    private final String accessKey;
    private final String secretKey;
    private final @Nullable String sessionToken;
    private final String region;
    private final String service;
    private final Clock clock;
    private final Set<String> expired;

    SigV4Verifier(
            String accessKey,
            String secretKey,
            @Nullable String sessionToken,
            String region,
            String service,
            Clock clock) {
        this(accessKey, secretKey, sessionToken, region, service, clock, Set.of());
    }

    private SigV4Verifier(
            String accessKey,
            String secretKey,
            @Nullable String sessionToken,
            String region,
            String service,
            Clock clock,
            Set<String> expired) {
        this.accessKey = accessKey;
        this.secretKey = secretKey;
        this.sessionToken = sessionToken;
        this.region = region;
        this.service = service;
        this.clock = clock;
        this.expired = expired;
    }

    /** The same with another key in place of this one, which is refused as expired from then on. */
    SigV4Verifier rotated(String newAccessKey, String newSecretKey) {
        Set<String> former = new HashSet<>(expired);
        former.add(accessKey);
        former.remove(newAccessKey);
        return new SigV4Verifier(newAccessKey, newSecretKey, sessionToken, region, service, clock, Set.copyOf(former));
    }

    String accessKey() {
        return accessKey;
    }

    String secretKey() {
        return secretKey;
    }

    /**
     * What arrived.
     *
     * @param uri path and query, encoded as on the wire
     * @param headers the values of each header, by its name in lower case
     */
    record Request(String method, String uri, Map<String, List<String>> headers, byte[] body) {
        @Nullable
        String header(String name) {
            List<String> values = headers.get(name);
            return values == null ? null : values.get(0);
        }
    }

    /** Passes a request that the key's owner signed less than five minutes ago, and no other. */
    void verify(Request request) throws SageMakerError {
        String header = request.header("authorization");
        if (header == null) {
            throw SageMakerError.of(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
        }
        Authorization authorization = Authorization.parse(header);
        String timestamp = request.header("x-amz-date");
        if (timestamp == null) {
            throw incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
        }
        checkSigned(authorization, request);
        checkScope(authorization, timestamp);
        checkAge(timestamp);
        if (expired.contains(authorization.accessKey())) {
            throw SageMakerError.of(
                    403, "ExpiredTokenException", "The security token included in the request is expired");
        }
        if (!authorization.accessKey().equals(accessKey) || !isToken(request.header("x-amz-security-token"))) {
            throw SageMakerError.of(
                    403, "UnrecognizedClientException", "The security token included in the request is invalid.");
        }
        String sentHash = request.header("x-amz-content-sha256");
        String bodyHash = hex(sha256(request.body()));
        String expected = signature(authorization, timestamp, CanonicalRequest.of(request, authorization, bodyHash));
        boolean same = MessageDigest.isEqual(
                expected.getBytes(UTF_8), authorization.signature().getBytes(UTF_8));
        if (!same || sentHash != null && !sentHash.equals(bodyHash)) {
            throw invalid(MISMATCH);
        }
    }

    private boolean isToken(@Nullable String sent) {
        if (sent == null || sessionToken == null) {
            return sent == sessionToken;
        }
        return MessageDigest.isEqual(sent.getBytes(UTF_8), sessionToken.getBytes(UTF_8));
    }

    private static void checkSigned(Authorization authorization, Request request) throws SageMakerError {
        List<String> signed = authorization.signedHeaders();
        if (!signed.contains("host")) {
            throw invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }
        for (String name : request.headers().keySet()) {
            if (name.startsWith("x-amz-") && !signed.contains(name)) {
                throw invalid("'" + name + "' must be a 'SignedHeader' in the AWS Authorization.");
            }
        }
    }

    private void checkScope(Authorization authorization, String timestamp) throws SageMakerError {
        if (!timestamp.startsWith(authorization.date())) {
            throw invalid(
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' is not the start of '%s'."
                            .formatted(authorization.date(), timestamp));
        }
        if (!authorization.region().equals(region)) {
            throw invalid("Credential should be scoped to a valid region.");
        }
        if (!authorization.service().equals(service)) {
            throw invalid("Credential should be scoped to correct service: '" + service + "'.");
        }
    }

    private void checkAge(String timestamp) throws SageMakerError {
        Instant signed;
        try {
            signed = LocalDateTime.parse(timestamp, TIMESTAMP).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw incomplete("Date must be in ISO-8601 'basic format'. Got '" + timestamp + "'.");
        }
        Instant now = clock.instant();
        if (signed.isBefore(now.minus(SKEW))) {
            throw invalid("Signature expired: %s is now earlier than %s (%s - 5 min.)"
                    .formatted(timestamp, text(now.minus(SKEW)), text(now)));
        }
        if (signed.isAfter(now.plus(SKEW))) {
            throw invalid("Signature not yet current: %s is still later than %s (%s + 5 min.)"
                    .formatted(timestamp, text(now.plus(SKEW)), text(now)));
        }
    }

    private static String text(Instant time) {
        return TIMESTAMP.format(time.atOffset(ZoneOffset.UTC));
    }

    private String signature(Authorization authorization, String timestamp, String canonicalRequest) {
        String toSign = String.join(
                "\n", ALGORITHM, timestamp, authorization.scope(), hex(sha256(canonicalRequest.getBytes(UTF_8))));
        byte[] key = ("AWS4" + secretKey).getBytes(UTF_8);
        for (String part : authorization.scope().split("/")) {
            key = hmac(key, part);
        }
        return hex(hmac(key, toSign));
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static SageMakerError invalid(String message) {
        return SageMakerError.of(403, "InvalidSignatureException", message);
    }

    private static SageMakerError incomplete(String message) {
        return SageMakerError.of(403, "IncompleteSignatureException", message);
    }

    /** The header of that name, taken apart. */
    record Authorization(
            String accessKey,
            String date,
            String region,
            String service,
            List<String> signedHeaders,
            String signature) {
        static Authorization parse(String header) throws SageMakerError {
            if (!header.startsWith(ALGORITHM + " ")) {
                throw incomplete("Unsupported AWS 'algorithm'; it has to be '" + ALGORITHM + "'.");
            }
            Map<String, String> parts = List.of(
                            header.substring(ALGORITHM.length()).split(","))
                    .stream()
                    .map(part -> part.strip().split("=", 2))
                    .filter(part -> part.length == 2)
                    .collect(Collectors.toMap(part -> part[0], part -> part[1], (first, second) -> first));
            String[] credential = required(parts, "Credential").split("/");
            if (credential.length != 5 || !credential[4].equals("aws4_request")) {
                throw incomplete("Credential must have exactly 5 slash-delimited elements.");
            }
            List<String> signedHeaders =
                    List.of(required(parts, "SignedHeaders").split(";"));
            String signature = required(parts, "Signature");
            return new Authorization(
                    credential[0], credential[1], credential[2], credential[3], signedHeaders, signature);
        }

        private static String required(Map<String, String> parts, String name) throws SageMakerError {
            String value = parts.get(name);
            if (value == null) {
                throw incomplete("Authorization header requires '" + name + "' parameter.");
            }
            return value;
        }

        String scope() {
            return String.join("/", date, region, service, "aws4_request");
        }
    }

    /** The text that both sides make of a request. */
    private static final class CanonicalRequest {
        static String of(Request request, Authorization authorization, String bodyHash) {
            String[] uri = request.uri().split("\\?", 2);
            StringBuilder headers = new StringBuilder();
            for (String name : authorization.signedHeaders()) {
                String value = request.headers().getOrDefault(name, List.of()).stream()
                        .map(text -> text.strip().replaceAll(" +", " "))
                        .collect(Collectors.joining(","));
                headers.append(name).append(':').append(value).append('\n');
            }
            String signedHeaders = String.join(";", authorization.signedHeaders());
            return String.join("\n", request.method(), path(uri[0]), query(uri), headers, signedHeaders, bodyHash);
        }

        /** The path as sent, encoded once more: S3 alone does without. */
        private static String path(String path) {
            StringBuilder encoded = new StringBuilder();
            for (byte b : path.getBytes(StandardCharsets.ISO_8859_1)) {
                char c = (char) (b & 0xff);
                boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
                if (plain || "-._~/".indexOf(c) >= 0) {
                    encoded.append(c);
                } else {
                    encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
                }
            }
            return encoded.toString();
        }

        private static String query(String[] uri) {
            if (uri.length == 1 || uri[1].isEmpty()) {
                return "";
            }
            return List.of(uri[1].split("&")).stream()
                    .map(pair -> pair.contains("=") ? pair : pair + "=")
                    .sorted()
                    .collect(Collectors.joining("&"));
        }
    }
}
