package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;

/** What somebody who moves has to know about one directive. */
public record Finding(Kind kind, Directive directive, String reason) {
    /** What became of it. */
    public enum Kind {
        /** It has an effect in nginx that the proxy does not have. */
        LEFT_OUT,
        /** It is carried over, but not to the letter. */
        DIFFERS,
        /** The proxy does without: the rest of the file means the same. */
        NOT_NEEDED
    }

    /** On one line: where, what, why. */
    public String shown() {
        // Reasons repeat words of the file, which must not end a comment.
        return (directive.position() + " " + directive.shown() + ": " + reason).replaceAll("[^\\x20-\\x7e]", " ");
    }
}
