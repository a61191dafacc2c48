package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.RequestLine;
import io.sluice.proxy.route.PathNormalizer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request head, looked at once: what forwarding needs of it, or why it is refused. Its syntax has been checked; what is refused here has more
 * than one meaning or none: missing, repeated or invalid Host, both a length and a transfer coding, odd methods and targets.
 */
public final class RequestHead {
    private final String method;
    private final String requestTarget;
    private final boolean http10;
    private final boolean http2;
    private final Fields fields;

    /** Origin-form, as it will be forwarded. */
    private String target = "/";
    /** The path that routes are matched on; empty for the asterisk-form. */
    private String path = "";

    private @Nullable String host;
    private int hosts;
    private @Nullable String transferCoding;
    private @Nullable String upgrade;
    private @Nullable String expect;
    private @Nullable String forwardedFor;
    private @Nullable String requestId;
    private @Nullable String via;
    private long contentLength = -1;
    private long maxForwards = -1;
    private boolean badLength;
    private boolean hasConnection;
    private @Nullable String connectionOptions;
    private boolean close;

    /** @param fields valid until the request is over */
    public RequestHead(RequestLine line, Fields fields) {
        this(line, fields, false);
    }

    private RequestHead(RequestLine line, Fields fields, boolean http2) {
        this.method = line.method();
        this.requestTarget = line.target();
        this.http10 = line.http10();
        this.http2 = http2;
        this.fields = fields;
        for (int i = 0; i < fields.count(); i++) {
            note(i);
        }
        readConnection();
    }

    /**
     * A request that came on an HTTP/2 stream. Its fields have been checked to hold none that is about a connection.
     *
     * @param ended whether no body follows; one without a length goes on in chunks
     */
    public static RequestHead ofHttp2(String method, String target, Fields fields, boolean ended) {
        RequestHead head = new RequestHead(new RequestLine(method, target, false), fields, true);
        if (!ended && head.contentLength < 0 && !head.badLength) {
            head.transferCoding = "chunked";
        }
        return head;
    }

    private void note(int i) {
        switch (fields.known(i)) {
            case HOST -> {
                host = fields.value(i);
                hosts++;
            }
            case CONTENT_LENGTH -> {
                badLength |= contentLength >= 0;
                contentLength = fields.number(i);
                badLength |= contentLength < 0 || contentLength == Long.MAX_VALUE;
            }
            case CONNECTION -> hasConnection = true;
            case MAX_FORWARDS -> maxForwards = fields.number(i);
            case VIA -> via = append(via, ", ", i);
            case EXPECT -> expect = append(expect, ",", i);
            case UPGRADE -> upgrade = append(upgrade, ", ", i);
            case X_REQUEST_ID -> requestId = fields.value(i);
            case X_FORWARDED_FOR -> forwardedFor = append(forwardedFor, ", ", i);
            case TRANSFER_ENCODING -> transferCoding = append(transferCoding, ",", i);
            default -> {}
        }
    }

    private String append(@Nullable String before, String separator, int i) {
        String value = fields.value(i);
        return before == null ? value : before + separator + value;
    }

    private void readConnection() {
        if (hasConnection) {
            connectionOptions = HopByHop.unusualOptions(fields);
            close = HopByHop.hasOption(fields, "close") || (http10 && !HopByHop.hasOption(fields, "keep-alive"));
        } else {
            close = http10;
        }
    }

    /** Why the request must be refused; null when it may be routed. Reads the target, so it comes before {@link #path()}. */
    @Nullable
    Failure check() {
        if (!isMethod(method)) {
            return Failure.BAD_REQUEST;
        }
        if (method.equals("CONNECT") || method.equals("TRACE")) {
            return Failure.METHOD_REFUSED;
        }
        if (!readTarget(requestTarget)) {
            return Failure.BAD_REQUEST;
        }
        if (hosts > 1 || (hosts == 0 && !http10) || (host != null && !Authority.isValid(host))) {
            return Failure.BAD_REQUEST;
        }
        // Two ways to tell where the body ends, or one that cannot be trusted: RFC 9112 §6.1, §6.3.
        if (badLength || (transferCoding != null && (http10 || contentLength >= 0))) {
            return Failure.BAD_REQUEST;
        }
        if (transferCoding != null && !isChunkedOnly(transferCoding)) {
            return Failure.TRANSFER_CODING_UNKNOWN;
        }
        if (expect != null && !http10 && !expect.equalsIgnoreCase("100-continue")) {
            return Failure.EXPECTATION_UNKNOWN;
        }
        return null;
    }

    private static boolean isChunkedOnly(String codings) {
        return codings.toLowerCase(Locale.ROOT).equals("chunked");
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
            return method.equals("OPTIONS");
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

    String method() {
        return method;
    }

    /** As received. */
    String requestTarget() {
        return requestTarget;
    }

    Fields fields() {
        return fields;
    }

    boolean isHttp10() {
        return http10;
    }

    boolean isHttp2() {
        return http2;
    }

    /** As logs call it. */
    String protocol() {
        if (http2) {
            return "HTTP/2.0";
        }
        return http10 ? "HTTP/1.0" : "HTTP/1.1";
    }

    String target() {
        return target;
    }

    String path() {
        return path;
    }

    /** Lets the backend be asked for another path, with the same query. */
    void rewritePath(String rewritten) {
        int query = target.indexOf('?');
        target = query < 0 ? rewritten : rewritten + target.substring(query);
    }

    boolean isAsterisk() {
        return path.isEmpty();
    }

    /** As received, with port; null only on HTTP/1.0. */
    @Nullable
    String host() {
        return host;
    }

    /** In whatever case, without port and final dot; empty when there is none. */
    String hostName() {
        return host == null ? "" : Authority.host(host);
    }

    @Nullable
    String connectionOptions() {
        return connectionOptions;
    }

    /**
     * The protocol to change to, if the client asks for that in the way RFC 9110 §7.8 wants. Never HTTP/2: that would be a connection to this
     * proxy, not one through it.
     */
    @Nullable
    String upgrade() {
        boolean asks = upgrade != null && !http10 && !hasBody() && HopByHop.lists(connectionOptions, "upgrade");
        return asks && !HopByHop.lists(upgrade, "h2c") ? upgrade : null;
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

    /** How often it may still be passed on, for OPTIONS, where that counts (RFC 9110 §7.6.2); -1 when nothing is said. */
    long maxForwards() {
        return method.equals("OPTIONS") ? maxForwards : -1;
    }

    boolean hasBody() {
        return contentLength > 0 || transferCoding != null;
    }

    public boolean isChunked() {
        return transferCoding != null;
    }

    /** -1 when unknown. */
    public long contentLength() {
        return contentLength;
    }

    boolean expectsContinue() {
        return expect != null && !http10 && hasBody();
    }

    /** Whether the client wants the connection to end with this request. */
    public boolean isLast() {
        return close;
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** RFC 9110 §9.2.2. */
    boolean isIdempotent() {
        return switch (method) {
            case "GET", "HEAD", "PUT", "DELETE", "OPTIONS" -> true;
            default -> false;
        };
    }

    boolean isPostOrPatch() {
        return method.equals("POST") || method.equals("PATCH");
    }
}
