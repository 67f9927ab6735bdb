package io.foretell.it.security;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A secret that shows wherever it goes: a short token over and over, so that a dump in lines of 16 bytes holds one whole.
 *
 * @param what the secret's part, such as session token
 * @param token six characters that occur nowhere else
 */
record Canary(String what, String token) {
    private static final int REPEATS = 8;

    /** The secret itself. */
    String value() {
        return token.repeat(REPEATS);
    }

    /** Whether a text gives it away: as it is, in base64, or byte by byte in hexadecimal or decimal numbers. */
    boolean shows(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return text.contains(token)
                || base64().stream().anyMatch(text::contains)
                || lower.contains(HexFormat.of().formatHex(bytes()))
                || lower.contains(HexFormat.ofDelimiter(" ").formatHex(bytes()))
                || text.contains(IntStream.range(0, token.length())
                        .mapToObj(i -> Integer.toString(token.charAt(i)))
                        .collect(Collectors.joining(", ")));
    }

    private byte[] bytes() {
        return token.getBytes(StandardCharsets.US_ASCII);
    }

    /** Six characters are eight of base64, at each of the three places they may begin. */
    private List<String> base64() {
        List<String> forms = new ArrayList<>();
        for (int start = 0; start < 3; start++) {
            String turned = token.substring(start) + token.substring(0, start);
            forms.add(Base64.getEncoder().encodeToString(turned.getBytes(StandardCharsets.US_ASCII)));
        }
        return forms;
    }
}
