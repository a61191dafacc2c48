package io.sluice.proxy.forward;

import io.sluice.proxy.route.PathNormalizer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request head, looked at once: what forwarding needs of it, or why it is refused. What the HTTP library lets through although a gateway must
 * not is refused here: missing, repeated or invalid Host, transfer codings other than chunked, odd methods and targets.
 */
final class RequestHead implements BiConsumer<String, String> {
    private final HttpMethod method;
    private final boolean http10;

    /** Origin-form, as it will be forwarded. */
    private String target = "/";
    /** The path that routes are matched on; empty for the asterisk-form. */
    private String path = "";

    private @Nullable String host;
    private int hosts;
    private @Nullable String transferCoding;
    private @Nullable String connectionOptions;
    private @Nullable String upgrade;
    private @Nullable String expect;
    private @Nullable String forwardedFor;
    private @Nullable String requestId;
    private @Nullable String via;
    private long contentLength = -1;
    private boolean close;

    private RequestHead(HttpMethod method, boolean http10) {
        this.method = method;
        this.http10 = http10;
    }

    static RequestHead of(HttpServerRequest request) {
        RequestHead head = new RequestHead(request.method(), request.version() == HttpVersion.HTTP_1_0);
        request.headers().forEach(head);
        return head;
    }

    /** Takes in one header field. */
    @Override
    public void accept(String name, String value) {
        switch (name.length()) {
            case 3 -> {
                if (name.equalsIgnoreCase("via")) {
                    via = via == null ? value : via + ", " + value;
                }
            }
            case 4 -> {
                if (name.equalsIgnoreCase("host")) {
                    host = value;
                    hosts++;
                }
            }
            case 6 -> {
                if (name.equalsIgnoreCase("expect")) {
                    expect = expect == null ? value : expect + "," + value;
                }
            }
            case 7 -> {
                if (name.equalsIgnoreCase("upgrade")) {
                    upgrade = value;
                }
            }
            case 10 -> {
                if (name.equalsIgnoreCase("connection")) {
                    close |= HopByHop.lists(value, "close");
                    connectionOptions = HopByHop.unusualOptions(connectionOptions, value);
                }
            }
            case 12 -> {
                if (name.equalsIgnoreCase("x-request-id")) {
                    requestId = value;
                }
            }
            case 14 -> {
                if (name.equalsIgnoreCase("content-length")) {
                    contentLength = parseLength(value);
                }
            }
            case 15 -> {
                if (name.equalsIgnoreCase("x-forwarded-for")) {
                    forwardedFor = forwardedFor == null ? value : forwardedFor + ", " + value;
                }
            }
            case 17 -> {
                if (name.equalsIgnoreCase("transfer-encoding")) {
                    transferCoding = transferCoding == null ? value : transferCoding + "," + value;
                }
            }
            default -> {}
        }
    }

    /** The HTTP library has refused everything that is not a number, so that what overflows is too large for any limit. */
    private static long parseLength(String value) {
        try {
            return Long.parseLong(value.trim());
        } catch (NumberFormatException tooLong) {
            return Long.MAX_VALUE;
        }
    }

    /** Why the request must be refused; null when it may be routed. Reads the target, so it comes before {@link #path()}. */
    @Nullable
    Failure check(String uri) {
        if (!isMethod(method.name())) {
            return Failure.BAD_REQUEST;
        }
        if (method.equals(HttpMethod.CONNECT) || method.equals(HttpMethod.TRACE)) {
            return Failure.METHOD_REFUSED;
        }
        if (!readTarget(uri)) {
            return Failure.BAD_REQUEST;
        }
        if (hosts > 1 || (hosts == 0 && !http10) || (host != null && !Authority.isValid(host))) {
            return Failure.BAD_REQUEST;
        }
        if (transferCoding != null && http10) {
            return Failure.BAD_REQUEST;
        }
        if (transferCoding != null && !transferCoding.trim().equalsIgnoreCase("chunked")) {
            return Failure.TRANSFER_CODING_UNKNOWN;
        }
        if (expect != null && !http10 && !expect.trim().equalsIgnoreCase("100-continue")) {
            return Failure.EXPECTATION_UNKNOWN;
        }
        return null;
    }

    private static boolean isMethod(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ((c < 'A' || c > 'Z') && c != '-') {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private boolean readTarget(String uri) {
        if (uri.isEmpty()) {
            return false;
        }
        if (uri.charAt(0) == '/') {
            return readOriginForm(uri);
        }
        if (uri.equals("*")) {
            target = uri;
            return method.equals(HttpMethod.OPTIONS);
        }
        return readAbsoluteForm(uri);
    }

    private boolean readOriginForm(String uri) {
        int query = uri.indexOf('?');
        String normal = PathNormalizer.normalize(query < 0 ? uri : uri.substring(0, query));
        if (normal == null || (query >= 0 && !isQuery(uri, query))) {
            return false;
        }
        target = uri;
        path = normal;
        return true;
    }

    /** RFC 9112 §3.2.2: the authority in the target counts, and Host is rewritten to it. */
    private boolean readAbsoluteForm(String uri) {
        int schemeEnd = uri.indexOf("://");
        if (schemeEnd < 0 || !isHttp(uri.substring(0, schemeEnd)) || hosts > 1) {
            return false;
        }
        int from = schemeEnd + 3;
        int end = from;
        while (end < uri.length() && uri.charAt(end) != '/' && uri.charAt(end) != '?' && uri.charAt(end) != '#') {
            end++;
        }
        String authority = uri.substring(from, end);
        if (!Authority.isValid(authority)) {
            return false;
        }
        // A received Host still has to be a valid one: what it says is not used, but nobody honest sends rubbish.
        if (host != null && !Authority.isValid(host)) {
            return false;
        }
        host = authority;
        String rest = uri.substring(end);
        return readOriginForm(rest.startsWith("/") ? rest : "/" + rest);
    }

    private static boolean isHttp(String scheme) {
        return scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https");
    }

    private static boolean isQuery(String uri, int from) {
        for (int i = from; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') {
                return false;
            }
        }
        return true;
    }

    HttpMethod method() {
        return method;
    }

    boolean isHttp10() {
        return http10;
    }

    String target() {
        return target;
    }

    String path() {
        return path;
    }

    boolean isAsterisk() {
        return path.isEmpty();
    }

    /** As received, with port; null only on HTTP/1.0. */
    @Nullable
    String host() {
        return host;
    }

    String hostName() {
        return host == null ? "" : Authority.host(host);
    }

    @Nullable
    String connectionOptions() {
        return connectionOptions;
    }

    /** The protocol to change to, if the client asks for that in the way RFC 9110 §7.8 wants. */
    @Nullable
    String upgrade() {
        return HopByHop.lists(connectionOptions, "upgrade") && !http10 && !hasBody() ? upgrade : null;
    }

    @Nullable
    String forwardedFor() {
        return forwardedFor;
    }

    @Nullable
    String requestId() {
        return requestId;
    }

    @Nullable
    String via() {
        return via;
    }

    boolean hasBody() {
        return contentLength > 0 || transferCoding != null;
    }

    boolean isChunked() {
        return transferCoding != null;
    }

    /** -1 when unknown. */
    long contentLength() {
        return contentLength;
    }

    boolean expectsContinue() {
        return expect != null && !http10 && hasBody();
    }

    /**
     * Whether the connection has to end with this request: because the client wants that, or because the body came in chunks. A request with
     * both chunks and a length is taken by its chunks and must be the last one (RFC 9112 §6.1), but the HTTP library drops the length without
     * telling, so that every chunked request might be such a one.
     */
    boolean isLast() {
        return close || transferCoding != null;
    }

    boolean isHead() {
        return method.equals(HttpMethod.HEAD);
    }

    /** RFC 9110 §9.2.2. */
    boolean isIdempotent() {
        return method.equals(HttpMethod.GET)
                || method.equals(HttpMethod.HEAD)
                || method.equals(HttpMethod.PUT)
                || method.equals(HttpMethod.DELETE)
                || method.equals(HttpMethod.OPTIONS);
    }

    boolean isPostOrPatch() {
        return method.equals(HttpMethod.POST) || method.equals(HttpMethod.PATCH);
    }
}
