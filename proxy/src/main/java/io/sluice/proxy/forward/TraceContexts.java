package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Takes over the trace contexts that trusted peers send, and begins a trace for every other request. Belongs to one event loop. */
final class TraceContexts {
    private static final HexFormat HEX = HexFormat.of();
    /** More than the 512 characters that have to be passed on at least (W3C Trace Context §3.3.1.5). */
    private static final int MAX_STATE = 8 * 1024;

    private final int sampledPercent;
    private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());

    private TraceContexts(int sampledPercent) {
        this.sampledPercent = sampledPercent;
    }

    /** Null when requests are to be left alone. */
    static @Nullable TraceContexts of(TracingSettings settings) {
        return settings.on() ? new TraceContexts(settings.sampledPercent()) : null;
    }

    TraceContext of(RequestHead head, DownstreamPeer peer) {
        String given = peer.trusted() ? only(head.fields()) : null;
        return given != null && TraceContext.isValid(given)
                ? new TraceContext(given, state(head.fields()))
                : new TraceContext(begin(), null);
    }

    /** A second one makes both of them worthless. */
    private static @Nullable String only(Fields fields) {
        String found = null;
        for (int i = 0; i < fields.count(); i++) {
            if (fields.known(i) == KnownField.TRACEPARENT) {
                if (found != null) {
                    return null;
                }
                found = fields.value(i);
            }
        }
        return found;
    }

    private static @Nullable String state(Fields fields) {
        String joined = null;
        for (int i = 0; i < fields.count(); i++) {
            if (fields.known(i) == KnownField.TRACESTATE && !fields.value(i).isEmpty()) {
                joined = joined == null ? fields.value(i) : joined + "," + fields.value(i);
            }
        }
        return joined == null || joined.length() > MAX_STATE ? null : joined;
    }

    private String begin() {
        long high = random.nextLong();
        // Zero stands for none.
        long low = random.nextLong() | 1;
        long span = random.nextLong() | 1;
        boolean sampled = random.nextInt(100) < sampledPercent;
        return "00-" + HEX.toHexDigits(high) + HEX.toHexDigits(low) + '-' + HEX.toHexDigits(span)
                + (sampled ? "-01" : "-00");
    }
}
