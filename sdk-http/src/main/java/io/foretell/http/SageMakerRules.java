package io.foretell.http;

import java.net.URI;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What the service lets into its header fields. Anything that could end a header line is refused with the rest. */
final class SageMakerRules {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9](-*[a-zA-Z0-9])*");
    private static final Pattern PRINTABLE = Pattern.compile("[!-~][ -~]*");
    private static final Pattern VISIBLE = Pattern.compile("[ -~]*");

    private static final Pattern LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}");

    private static final int MAX_NAME = 63;
    private static final int MAX_INFERENCE_ID = 64;
    private static final int MAX_TEXT = 1024;

    private SageMakerRules() {}

    /** Of an endpoint, a variant, a container's host name or an inference component. */
    static String name(String field, String value) {
        return check(field, value, MAX_NAME, NAME.asMatchPredicate(), "letters, digits and inner hyphens");
    }

    static String targetModel(String field, String value) {
        return check(field, value, MAX_TEXT, PRINTABLE.asMatchPredicate(), "printable ASCII");
    }

    static String inferenceId(String field, String value) {
        return check(field, value, MAX_INFERENCE_ID, PRINTABLE.asMatchPredicate(), "printable ASCII");
    }

    static String customAttributes(String field, String value) {
        checkLength(field, value, MAX_TEXT);
        if (!isCustomAttributes(value)) { // may be personal, and so is not shown
            throw new IllegalArgumentException(field + " must be visible ASCII; has " + value.length() + " characters");
        }
        return value;
    }

    static boolean isCustomAttributes(String value) {
        return value.length() <= MAX_TEXT && VISIBLE.matcher(value).matches();
    }

    static String mediaType(String field, String value) {
        return check(field, value, MAX_TEXT, PRINTABLE.asMatchPredicate(), "printable ASCII");
    }

    /** Signed requests go out in the open only where they cannot leave the machine, or where that was asked for. */
    static void override(URI address, boolean plaintext) {
        String host = address.getHost();
        boolean whole = host != null
                && VISIBLE.matcher(address.toString()).matches()
                && address.getRawUserInfo() == null
                && address.getRawQuery() == null
                && address.getRawFragment() == null;
        boolean http = "http".equalsIgnoreCase(address.getScheme());
        if (!whole || !http && !"https".equalsIgnoreCase(address.getScheme())) {
            throw new IllegalArgumentException("endpointOverride must be https://host[:port], in ASCII: scheme "
                    + address.getScheme() + ", host " + host);
        }
        if (http && !plaintext && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    "endpointOverride is plain http to " + host + ": use https, or allowPlaintext()");
        }
    }

    private static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost") || LOOPBACK.matcher(host).matches() || host.equals("[::1]");
    }

    /** The value is shown escaped and only where it is short: it may come from a user's input. */
    private static String check(String field, String value, int max, Predicate<String> allowed, String what) {
        checkLength(field, value, max);
        if (!allowed.test(value)) {
            throw new IllegalArgumentException(field + " must be " + what + ": " + escaped(value));
        }
        return value;
    }

    private static void checkLength(String field, String value, int max) {
        if (value.length() > max) {
            throw new IllegalArgumentException(field + " has " + value.length() + " characters, at most " + max);
        }
    }

    private static String escaped(String value) {
        StringBuilder text = new StringBuilder().append('"');
        for (char c : value.toCharArray()) {
            text.append(c >= ' ' && c <= '~' ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return text.append('"').toString();
    }
}
