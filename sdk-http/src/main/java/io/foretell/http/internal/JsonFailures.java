package io.foretell.http.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;

/**
 * The library's own errors for JSON that cannot be written or read. Jackson's messages quote the document, which may be
 * personal; so only its figures are passed on, and the exception itself is left out.
 *
 * <p>Not for users: may change in any release.
 */
public final class JsonFailures {
    private JsonFailures() {}

    /** A value that cannot be written; nothing was sent. */
    public static InferenceException unwritable(String message) {
        return InferenceException.of(ErrorCategory.CODEC)
                .message(message)
                .retrySafety(io.foretell.error.RetrySafety.SAFE)
                .build();
    }

    /** Well-formed JSON that does not say what it should. */
    public static InferenceException unreadable(String message) {
        return InferenceException.of(ErrorCategory.CODEC).message(message).build();
    }

    /** A text that is no JSON, or exceeds a limit. */
    public static InferenceException malformed(String what, JsonProcessingException fault) {
        if (fault instanceof StreamConstraintsException) {
            return unreadable(what + " exceeds a limit: " + fault.getOriginalMessage());
        }
        String where = fault.getLocation() == null
                ? ""
                : " at line " + fault.getLocation().getLineNr() + ", column "
                        + fault.getLocation().getColumnNr();
        return InferenceException.of(ErrorCategory.PROTOCOL)
                .message(what + " is not well-formed JSON, is cut off, or repeats a name" + where)
                .build();
    }
}
