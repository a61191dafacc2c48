package io.sluice.proxy.forward;

import io.sluice.proxy.balance.HashKey;
import io.sluice.proxy.http1.Fields;
import org.jspecify.annotations.Nullable;

/** What of a request tells which backend it belongs to. Reads only what its pool asks for. */
final class Affinity {
    private static final String COOKIE = "cookie";

    private Affinity() {}

    /**
     * The hash of what the pool hashes on; 0 when the request has none of it.
     *
     * @param client its address, as seen behind trusted proxies
     */
    static long key(HashKey on, RequestHead head, String client) {
        String value = switch (on.kind()) {
            case NONE -> null;
            case CLIENT_IP -> client;
            case HEADER -> head.fields().valueOf(on.name());
            case COOKIE -> cookie(head.fields(), on.name());
            case QUERY -> parameter(head.target(), on.name());
        };
        return value == null ? 0 : HashKey.of(value);
    }

    /** The value of the first cookie of that name (RFC 6265 §4.2); null when there is none. */
    static @Nullable String cookie(Fields fields, String name) {
        for (int i = 0; i < fields.count(); i++) {
            String value = fields.nameIs(i, COOKIE) ? find(fields.value(i), 0, ';', name) : null;
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    /** The first query parameter of that name, as it is written; null when there is none. */
    static @Nullable String parameter(String target, String name) {
        int query = target.indexOf('?');
        return query < 0 ? null : find(target, query + 1, '&', name);
    }

    private static @Nullable String find(String pairs, int start, char separator, String name) {
        int from = start;
        while (from < pairs.length()) {
            int separated = pairs.indexOf(separator, from);
            int end = separated < 0 ? pairs.length() : separated;
            while (from < end && pairs.charAt(from) == ' ') {
                from++;
            }
            int value = from + name.length() + 1;
            if (value <= end && pairs.startsWith(name, from) && pairs.charAt(value - 1) == '=') {
                return pairs.substring(value, end);
            }
            from = end + 1;
        }
        return null;
    }
}
