package io.foretell.error;

import org.jspecify.annotations.Nullable;

/** Makes text that a server chose safe for a log line. */
final class ServerText {
    private static final int MAX_CHARS = 4096;

    private ServerText() {}

    static @Nullable String cleanOrNull(@Nullable String text) {
        return text == null ? null : clean(text);
    }

    static String clean(String text) {
        int length = Math.min(text.length(), MAX_CHARS);
        if (length < text.length() && Character.isHighSurrogate(text.charAt(length - 1))) {
            length--; // not within a character
        }
        StringBuilder clean = new StringBuilder(length + 1);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            // Line and paragraph separators end a line in some log viewers as well.
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                clean.append(String.format("\\u%04x", (int) c));
            } else {
                clean.append(c);
            }
        }
        return length < text.length() ? clean.append('…').toString() : clean.toString();
    }
}
