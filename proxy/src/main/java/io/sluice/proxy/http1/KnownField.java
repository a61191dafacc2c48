package io.sluice.proxy.http1;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** The fields that a proxy has to tell from others. Every field is looked up once, when it is read; after that names are not compared again. */
public enum KnownField {
    /** Any other. */
    OTHER,
    /** A name that is one of the others once its underscores are read as hyphens, as programs behind CGI and its heirs do: not to be believed. */
    LOOKALIKE,
    TE,
    VIA,
    DATE,
    HOST,
    EXPECT,
    UPGRADE,
    TRAILER,
    TRACESTATE,
    TRACEPARENT,
    FORWARDED,
    X_REAL_IP,
    CONNECTION,
    KEEP_ALIVE,
    SET_COOKIE,
    X_REQUEST_ID,
    MAX_FORWARDS,
    X_CONFIG_HASH,
    CONTENT_LENGTH,
    X_BACKEND_STATE,
    HTTP2_SETTINGS,
    X_FORWARDED_FOR,
    X_FORWARDED_HOST,
    PROXY_CONNECTION,
    X_FORWARDED_PROTO,
    TRANSFER_ENCODING,
    WEBHOOK_NOT_ACCEPTED;

    private static final KnownField[] NONE = {};
    private static final KnownField[][] BY_LENGTH = byLength();

    @SuppressWarnings("ImmutableEnumChecker") // nobody else sees it
    private final byte[] lowerCase =
            name().toLowerCase(Locale.ROOT).replace('_', '-').getBytes(StandardCharsets.US_ASCII);

    @SuppressWarnings("ImmutableEnumChecker") // it is, but does not say so
    private final AsciiString lowerCaseName = new AsciiString(lowerCase, false);

    private static KnownField[][] byLength() {
        int longest = Arrays.stream(values())
                .mapToInt(field -> field.lowerCase.length)
                .max()
                .orElse(0);
        KnownField[][] table = new KnownField[longest + 1][];
        for (int length = 0; length <= longest; length++) {
            int wanted = length;
            table[length] = Arrays.stream(values())
                    .filter(field -> field.isName() && field.lowerCase.length == wanted)
                    .toArray(KnownField[]::new);
        }
        return table;
    }

    /** The field of a name that has been found to be a token. */
    static KnownField of(byte[] bytes, int from, int to) {
        int length = to - from;
        KnownField[] candidates = length < BY_LENGTH.length ? BY_LENGTH[length] : NONE;
        for (KnownField candidate : candidates) {
            KnownField found = candidate.match(bytes, from);
            if (found != OTHER) {
                return found;
            }
        }
        return OTHER;
    }

    /** A name as HTTP/2 has it. */
    public static AsciiString lowerCaseName(byte[] name) {
        KnownField known = of(name, 0, name.length);
        return known.isName() ? known.lowerCaseName : toLowerCase(name, 0, name.length);
    }

    static AsciiString toLowerCase(byte[] bytes, int from, int to) {
        byte[] lower = Arrays.copyOfRange(bytes, from, to);
        for (int i = 0; i < lower.length; i++) {
            if (lower[i] >= 'A' && lower[i] <= 'Z') {
                lower[i] = (byte) (lower[i] | 0x20);
            }
        }
        return new AsciiString(lower, false);
    }

    /** Its name, as HTTP/2 has it; not for {@link #OTHER} and {@link #LOOKALIKE}. */
    AsciiString lowerCaseName() {
        return lowerCaseName;
    }

    /** Whether it stands for one name. */
    boolean isName() {
        return this != OTHER && this != LOOKALIKE;
    }

    private KnownField match(byte[] bytes, int from) {
        byte[] name = lowerCase;
        KnownField found = this;
        for (int i = 0; i < name.length; i++) {
            // Lower case for letters; leaves digits and hyphens, and makes neither of any other character of a token.
            if ((bytes[from + i] | 0x20) != name[i]) {
                if (bytes[from + i] != '_' || name[i] != '-') {
                    return OTHER;
                }
                found = LOOKALIKE;
            }
        }
        return found;
    }

    /** Whether it belongs to one connection only and is never passed on as it came (RFC 9110 §7.6.1, RFC 9113 §3.1). */
    public boolean isHopByHop() {
        return switch (this) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, TRANSFER_ENCODING, UPGRADE, HTTP2_SETTINGS -> true;
            default -> false;
        };
    }

    /**
     * Whether it has no place in trailers, because it frames, routes or controls (RFC 9110 §6.5.1), or because only the proxy says it: who merges
     * trailers into the head would take the client's word for it.
     */
    public boolean isForbiddenInTrailers() {
        return switch (this) {
            case CONTENT_LENGTH, HOST, TRAILER, SET_COOKIE, X_BACKEND_STATE, EXPECT -> true;
            case VIA, FORWARDED, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO, X_REAL_IP, X_REQUEST_ID -> true;
            case LOOKALIKE -> true;
            default -> isHopByHop();
        };
    }
}
