package io.sluice.proxy.listener;

import io.netty.handler.codec.http2.Http2Headers;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.Http2Fields;
import io.sluice.proxy.forward.RequestHead;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes a request head of the fields of an HTTP/2 stream, and refuses what has no place there (RFC 9113 §8.2, §8.3): since requests go on as
 * HTTP/1.1, anything that would be read as framing or as another field has to stop here.
 */
final class Http2Head {
    private static final CharSequence HOST = "host";

    private final ListenerSettings limits;
    private final Fields fields;
    private @Nullable CharSequence method;
    private @Nullable CharSequence scheme;
    private @Nullable CharSequence authority;
    private @Nullable CharSequence path;
    private @Nullable StringBuilder cookie;
    private boolean regularSeen;
    private boolean hostFits = true;

    private Http2Head(ListenerSettings limits, Fields fields) {
        this.limits = limits;
        this.fields = fields;
    }

    /** What was read: a head, or why there is none. */
    record Result(@Nullable RequestHead head, @Nullable Failure refusal, String startLine) {}

    /**
     * Reads a request's fields.
     *
     * @param ended whether no body follows
     * @param into takes the fields, for as long as the request runs
     */
    static Result read(Http2Headers headers, boolean ended, ListenerSettings limits, Fields into) {
        Http2Head head = new Http2Head(limits, into);
        Failure failure = head.readAll(headers);
        return failure == null ? head.finish(ended) : new Result(null, failure, head.startLine());
    }

    /** Reads a trailer section; null when it is malformed. */
    static @Nullable Fields trailers(Http2Headers headers, ListenerSettings limits) {
        return Http2Fields.read(headers, limits.maxHeaders(), true);
    }

    private @Nullable Failure readAll(Http2Headers headers) {
        for (Map.Entry<CharSequence, CharSequence> each : headers) {
            CharSequence name = each.getKey();
            CharSequence value = each.getValue();
            boolean pseudo = name.length() > 0 && name.charAt(0) == ':';
            if (fields.count() >= limits.maxHeaders()) {
                return Failure.HEAD_TOO_LARGE;
            }
            if (!(pseudo ? readPseudo(name.toString(), value) : readField(name, value))) {
                return Failure.BAD_REQUEST;
            }
        }
        return null;
    }

    private boolean readPseudo(String name, CharSequence value) {
        if (regularSeen) {
            return false;
        }
        switch (name) {
            case ":method" -> {
                boolean first = method == null;
                method = value;
                return first;
            }
            case ":scheme" -> {
                boolean first = scheme == null;
                scheme = value;
                return first;
            }
            case ":authority" -> {
                boolean first = authority == null;
                authority = value;
                // Where it is from the beginning, so that no other can come before it.
                return first && fields.append(HOST, value);
            }
            case ":path" -> {
                boolean first = path == null;
                path = value;
                return first;
            }
            default -> {
                return false;
            }
        }
    }

    private boolean readField(CharSequence name, CharSequence value) {
        regularSeen = true;
        if (!Http2Fields.isName(name) || !Http2Fields.isTrimmed(value)) {
            return false;
        }
        if (CharSequence.compare(name, "cookie") == 0) {
            return addCookie(value);
        }
        if (CharSequence.compare(name, HOST) == 0) {
            return readHost(value);
        }
        if (!fields.append(name, value)) {
            return false;
        }
        int last = fields.count() - 1;
        KnownField known = fields.known(last);
        // RFC 9113 §8.2.2: these speak of a connection, which here is not the client's to describe.
        return !known.isHopByHop() || (known == KnownField.TE && fields.valueIs(last, "trailers"));
    }

    /** One that says the same as the authority is left out, so that there is one Host. */
    private boolean readHost(CharSequence value) {
        CharSequence known = authority;
        if (known == null) {
            // A second one is refused together with those of HTTP/1.
            return fields.append(HOST, value);
        }
        hostFits &= known.toString().equalsIgnoreCase(value.toString());
        return hostFits;
    }

    /** Clients may cut it into crumbs, which HTTP/1 does not know (RFC 9113 §8.2.3). */
    private boolean addCookie(CharSequence crumb) {
        StringBuilder joined = cookie;
        if (joined == null) {
            cookie = new StringBuilder(crumb.length()).append(crumb);
        } else {
            joined.append("; ").append(crumb);
        }
        return true;
    }

    private Result finish(boolean ended) {
        StringBuilder crumbs = cookie;
        if (crumbs != null && !fields.append("cookie", crumbs)) {
            return refused(Failure.BAD_REQUEST);
        }
        CharSequence verb = method;
        if (verb == null || verb.length() == 0) {
            return refused(Failure.BAD_REQUEST);
        }
        String target;
        if (verb.toString().equals("CONNECT")) {
            // It has neither; what it asks for is refused later, by an answer.
            target = authority == null ? "" : authority.toString();
        } else if (path != null && isScheme() && isTarget(path)) {
            target = path.toString();
        } else {
            return refused(Failure.BAD_REQUEST);
        }
        if (target.length() > limits.maxUriBytes()) {
            return refused(Failure.URI_TOO_LONG);
        }
        RequestHead head = RequestHead.ofHttp2(verb.toString(), target, fields, ended);
        boolean contradicts = ended && head.contentLength() > 0;
        return contradicts ? refused(Failure.BAD_REQUEST) : new Result(head, null, "");
    }

    private boolean isScheme() {
        String given = Objects.toString(scheme, "");
        return given.equals("http") || given.equals("https");
    }

    /** Visible ASCII, in origin-form or {@code *}: no other form has a meaning here. */
    private static boolean isTarget(CharSequence target) {
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return target.length() > 0 && (target.charAt(0) == '/' || CharSequence.compare(target, "*") == 0);
    }

    private Result refused(Failure failure) {
        return new Result(null, failure, startLine());
    }

    private String startLine() {
        String line = Objects.toString(method, "") + " " + Objects.toString(path, "");
        return line.length() <= limits.maxUriBytes() ? line : line.substring(0, limits.maxUriBytes());
    }
}
