package io.sluice.service.log;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The id that one request has in every process and log line. Vert.x gives each server request a context of its own, so the id is kept by
 * context: it follows the request through its callbacks, where a thread-bound value would mix requests up.
 */
public final class RequestId {
    /** The header that carries it. */
    public static final String HEADER = "X-Request-ID";

    /** The key under which log lines carry it. */
    public static final String LOG_KEY = "requestId";

    private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._~:/+=-]{1,128}");
    private static final Map<Context, String> BY_CONTEXT = new ConcurrentHashMap<>();

    private RequestId() {}

    /** A new random id of 32 hex digits. Unguessable it need not be, unique it is. */
    public static String next() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }

    /** The caller's id if it is harmless in headers and logs (at most 128 plain characters), else a new one. */
    public static String fromHeader(@Nullable String header) {
        return header != null && SANE.matcher(header).matches() ? header : next();
    }

    /** Remembers {@code id} for the current Vert.x context until {@link #forget}; does nothing outside of one. */
    public static void remember(String id) {
        Context context = Vertx.currentContext();
        if (context != null) {
            BY_CONTEXT.put(context, id);
        }
    }

    /** Ends what {@link #remember} began; has to be called on the same context. */
    public static void forget() {
        Context context = Vertx.currentContext();
        if (context != null) {
            BY_CONTEXT.remove(context);
        }
    }

    /** The id of the request that the current context serves. */
    public static Optional<String> current() {
        Context context = Vertx.currentContext();
        return context == null ? Optional.empty() : Optional.ofNullable(BY_CONTEXT.get(context));
    }
}
