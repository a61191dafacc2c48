package io.sluice.proxy.forward;

import io.vertx.core.MultiMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies a backend's response head to the client's, without the fields of the backend's connection, and notes on the way what the proxy itself
 * has to know. One instance per event loop, used for one head at a time.
 */
final class ResponseHeaders implements BiConsumer<String, String> {
    private @Nullable String connectionOptions;
    private @Nullable MultiMap to;
    private boolean closes;
    private long contentLength;
    private boolean sawTransferCoding;
    private boolean sawRequestId;
    private @Nullable String configHash;

    void copy(MultiMap from, MultiMap out) {
        connectionOptions = null;
        closes = false;
        contentLength = -1;
        sawTransferCoding = false;
        sawRequestId = false;
        configHash = null;
        if (from.contains(HeaderNames.CONNECTION)) {
            for (String value : from.getAll(HeaderNames.CONNECTION)) {
                closes |= HopByHop.lists(value, "close");
                connectionOptions = HopByHop.unusualOptions(connectionOptions, value);
            }
        }
        to = out;
        from.forEach(this);
        to = null;
    }

    /** Whether the backend closes its connection after this response. */
    boolean closes() {
        return closes;
    }

    /** -1 when the backend did not say. */
    long contentLength() {
        return contentLength;
    }

    boolean declaresContent() {
        return contentLength > 0 || sawTransferCoding;
    }

    boolean hasRequestId() {
        return sawRequestId;
    }

    @Nullable
    String configHash() {
        return configHash;
    }

    @Override
    public void accept(String name, String value) {
        note(name, value);
        MultiMap out = to;
        if (out != null && !HopByHop.isHopByHop(name) && !HopByHop.isNamed(connectionOptions, name)) {
            out.add(name, value);
        }
    }

    private void note(String name, String value) {
        switch (name.length()) {
            case 12 -> sawRequestId |= name.equalsIgnoreCase("x-request-id");
            case 13 -> {
                if (name.equalsIgnoreCase("x-config-hash")) {
                    configHash = value;
                }
            }
            case 14 -> {
                if (name.equalsIgnoreCase("content-length")) {
                    contentLength = parseLength(value);
                }
            }
            case 17 -> sawTransferCoding |= name.equalsIgnoreCase("transfer-encoding");
            default -> {}
        }
    }

    /** The HTTP library has refused what is not one number. */
    private static long parseLength(String value) {
        try {
            return Long.parseLong(value.trim());
        } catch (NumberFormatException unusable) {
            return -1;
        }
    }
}
