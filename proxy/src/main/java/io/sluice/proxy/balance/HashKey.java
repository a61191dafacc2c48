package io.sluice.proxy.balance;

import java.util.Locale;
import java.util.Optional;

/**
 * What of a request its backend follows from.
 *
 * @param name of the header, cookie or query parameter; empty otherwise
 */
public record HashKey(Kind kind, String name) {
    /** A pool that hashes nothing. */
    public static final HashKey NONE = new HashKey(Kind.NONE, "");

    /** As settings take it. */
    public static final String EXPECTATION = "client-ip, header:NAME, cookie:NAME or query:NAME";

    /** Where it is found. */
    public enum Kind {
        NONE,
        /** The address of the client, as seen behind trusted proxies. */
        CLIENT_IP,
        HEADER,
        COOKIE,
        QUERY
    }

    public HashKey {
        if (name.isEmpty() != (kind == Kind.NONE || kind == Kind.CLIENT_IP)) {
            throw new IllegalArgumentException("name: '" + name + "' for " + kind);
        }
    }

    /** Reads {@value #EXPECTATION}; empty when it is none of these. */
    public static Optional<HashKey> parse(String text) {
        if (text.equals("client-ip")) {
            return Optional.of(new HashKey(Kind.CLIENT_IP, ""));
        }
        int colon = text.indexOf(':');
        String name = text.substring(colon + 1).strip();
        if (colon < 0 || name.isEmpty()) {
            return Optional.empty();
        }
        return switch (text.substring(0, colon)) {
            case "header" -> Optional.of(new HashKey(Kind.HEADER, name));
            case "cookie" -> Optional.of(new HashKey(Kind.COOKIE, name));
            case "query" -> Optional.of(new HashKey(Kind.QUERY, name));
            default -> Optional.empty();
        };
    }

    /** The key of a value, never 0; the same in every process. FNV-1a over its characters, then mixed: FNV alone leaves neighbours close. */
    public static long of(CharSequence value) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < value.length(); i++) {
            hash = (hash ^ value.charAt(i)) * 0x100000001b3L;
        }
        long mixed = mix(hash);
        return mixed == 0 ? 1 : mixed;
    }

    /** The finalizer of MurmurHash3 (public domain): every bit of the input moves half of the output. */
    static long mix(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }

    @Override
    public String toString() {
        String text = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return name.isEmpty() ? text : text + ":" + name;
    }
}
