package io.sluice.proxy.forward;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fields between the two versions of HTTP: what comes from HTTP/2 is checked as strictly as if it had been read as HTTP/1.1 (RFC 9113 §8.2). */
public final class Http2Fields {
    private Http2Fields() {}

    /** The regular fields of a response, or of a trailer section; null when they are malformed. Pseudo-fields have been looked at already. */
    public static @Nullable Fields read(Http2Headers headers, int maxFields, boolean trailers) {
        Fields fields = new Fields();
        for (Map.Entry<CharSequence, CharSequence> each : headers) {
            CharSequence name = each.getKey();
            if (!trailers && name.length() > 0 && name.charAt(0) == ':') {
                continue;
            }
            boolean fits = fields.count() < maxFields
                    && isName(name)
                    && isTrimmed(each.getValue())
                    && fields.append(name, each.getValue());
            if (!fits || fields.known(fields.count() - 1).isHopByHop()) {
                return null;
            }
        }
        return fields;
    }

    /** Whether it may be a name there: in lower case. That it is a token is checked elsewhere. */
    public static boolean isName(CharSequence name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ((c >= 'A' && c <= 'Z') || c == ':') {
                return false;
            }
        }
        return name.length() > 0;
    }

    /** Whether a value has no blanks around it. */
    public static boolean isTrimmed(CharSequence value) {
        int length = value.length();
        return length == 0 || (!isBlank(value.charAt(0)) && !isBlank(value.charAt(length - 1)));
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static void add(Http2Headers to, Fields from, int i) {
        to.add(from.lowerCaseName(i), from.octets(i));
    }

    /** Adds what may stand in a section that frames nothing. */
    private static void addUnframed(Http2Headers to, Fields from) {
        for (int i = 0; i < from.count(); i++) {
            if (!from.known(i).isForbiddenInTrailers()) {
                add(to, from, i);
            }
        }
    }

    /** A trailer section; null when nothing of it may stand there. */
    public static @Nullable Http2Headers trailers(@Nullable Fields from) {
        if (from == null) {
            return null;
        }
        Http2Headers tail = new DefaultHttp2Headers(false, from.count());
        addUnframed(tail, from);
        return tail.isEmpty() ? null : tail;
    }

    /** Adds the fields of a request that was written for HTTP/1.1; what framed it there has no place here. */
    static void addRequest(Http2Headers to, Fields from) {
        for (int i = 0; i < from.count(); i++) {
            KnownField known = from.known(i);
            if (known == KnownField.HOST) {
                to.authority(from.value(i));
            } else if (!known.isHopByHop()) {
                add(to, from, i);
            }
        }
    }
}
