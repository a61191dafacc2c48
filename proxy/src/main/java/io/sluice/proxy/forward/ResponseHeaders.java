package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import org.jspecify.annotations.Nullable;

/**
 * Passes a backend's response fields on to the client, without those of the backend's connection, and notes on the way what the proxy itself has
 * to know. One instance per event loop, used for one head at a time.
 */
final class ResponseHeaders {
    private boolean sawRequestId;
    private boolean sawDate;
    private boolean sawContentLength;
    private boolean drains;
    private @Nullable String configHash;

    /** @param withoutLength whether the body's length is to be left out, for the caller adds it or there cannot be one */
    void copy(Fields from, Downstream to, boolean withoutLength) {
        String options = HopByHop.unusualOptions(from);
        sawRequestId = false;
        sawDate = false;
        sawContentLength = false;
        configHash = null;
        drains = false;
        int first = -1;
        int count = from.count();
        for (int i = 0; i < count; i++) {
            boolean kept = note(from, i, withoutLength) && !HopByHop.isHopByHop(from, i, options);
            if (kept && first < 0) {
                first = i;
            } else if (!kept && first >= 0) {
                to.addFields(from, first, i - 1);
                first = -1;
            }
        }
        if (first >= 0) {
            to.addFields(from, first, count - 1);
        }
    }

    private boolean note(Fields from, int i, boolean withoutLength) {
        switch (from.known(i)) {
            case X_REQUEST_ID -> sawRequestId = true;
            case DATE -> sawDate = true;
            case X_CONFIG_HASH -> configHash = from.value(i);
            case X_BACKEND_STATE -> {
                drains |= isDrain(from, i);
                // Between backend and proxy; no business of clients.
                return false;
            }
            case CONTENT_LENGTH -> {
                // A second one would say the same, or the head would not have come so far.
                boolean first = !sawContentLength;
                sawContentLength = true;
                return first && !withoutLength;
            }
            default -> {}
        }
        return true;
    }

    private static boolean isDrain(Fields from, int i) {
        return from.valueIs(i, "drain");
    }

    /** Whether a backend asks for no more requests. */
    static boolean drains(Fields from) {
        int i = from.indexOf(KnownField.X_BACKEND_STATE);
        return i >= 0 && isDrain(from, i);
    }

    /** Whether the backend of the response asks for no more requests. */
    boolean drains() {
        return drains;
    }

    boolean hasDate() {
        return sawDate;
    }

    boolean hasRequestId() {
        return sawRequestId;
    }

    @Nullable
    String configHash() {
        return configHash;
    }
}
