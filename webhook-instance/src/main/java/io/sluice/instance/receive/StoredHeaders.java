package io.sluice.instance.receive;

import io.vertx.core.MultiMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Chooses what is kept of a request's headers: everything that says something about the event, no credentials, nothing about the connection. */
final class StoredHeaders {
    /** Credentials and signatures: of use to a thief and to nobody else once they were checked. */
    private static final Set<String> SECRET = Set.of("authorization", "proxy-authorization", "cookie", "x-api-key");

    /** Hop-by-hop fields (RFC 9110 §7.6.1) and others that belong to the connection or the way here. */
    private static final Set<String> OF_THE_CONNECTION = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "content-length",
            "expect",
            "via",
            "forwarded");

    private static final int MOST = 100;

    private StoredHeaders() {}

    /** Lower-case names; values of a repeated header joined by commas (RFC 9110 §5.3). */
    static Map<String, String> select(MultiMap headers) {
        Map<String, String> kept = new LinkedHashMap<>();
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (isKept(name) && (kept.size() < MOST || kept.containsKey(name))) {
                kept.merge(name, header.getValue(), (first, second) -> first + ", " + second);
            }
        }
        return kept;
    }

    private static boolean isKept(String name) {
        return !SECRET.contains(name)
                && !OF_THE_CONNECTION.contains(name)
                && !name.startsWith("x-forwarded-")
                && !name.contains("signature")
                && !name.contains("hmac");
    }
}
