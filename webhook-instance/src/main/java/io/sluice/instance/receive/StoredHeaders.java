package io.sluice.instance.receive;

import io.sluice.instance.configuration.Scheme;
import io.sluice.instance.configuration.Verification;
import io.vertx.core.MultiMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Chooses what is kept of a request's headers: everything that says something about the event, no credentials, nothing about the connection. */
final class StoredHeaders {
    /** Credentials and signatures: of use to a thief and to nobody else once they were checked. */
    private static final Set<String> SECRET = Set.of("authorization", "proxy-authorization", "cookie");

    /** What the names of headers with credentials or signatures contain. */
    private static final List<String> SECRET_PARTS =
            List.of("signature", "hmac", "token", "secret", "api-key", "apikey", "password");

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

    /**
     * Lower-case names; values of a repeated header joined by commas (RFC 9110 §5.3). Those that {@code verification} looks at are not kept,
     * whatever their name.
     */
    static Map<String, String> select(MultiMap headers, Verification verification) {
        Set<String> verified =
                verification.schemes().stream().map(StoredHeaders::header).collect(Collectors.toSet());
        Map<String, String> kept = new LinkedHashMap<>();
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (isKept(name) && !verified.contains(name) && (kept.size() < MOST || kept.containsKey(name))) {
                kept.merge(name, header.getValue(), (first, second) -> first + ", " + second);
            }
        }
        return kept;
    }

    private static String header(Scheme scheme) {
        return scheme.match(
                bearer -> "authorization",
                literal -> "authorization",
                hmac -> hmac.header().toLowerCase(Locale.ROOT));
    }

    private static boolean isKept(String name) {
        return !SECRET.contains(name)
                && !OF_THE_CONNECTION.contains(name)
                && !name.startsWith("x-forwarded-")
                && SECRET_PARTS.stream().noneMatch(name::contains);
    }
}
