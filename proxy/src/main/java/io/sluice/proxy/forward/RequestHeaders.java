package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import io.sluice.proxy.http1.MessageWriter;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.route.HeaderTemplate;
import io.sluice.proxy.route.HostHeader;
import org.jspecify.annotations.Nullable;

/**
 * Writes the head that a backend gets: the client's fields without those of its connection, then our own. A client cannot take our fields away
 * by naming them in {@code Connection}: they are added after the removal. What an untrusted peer says about who the client is gets replaced.
 * One instance per event loop, used for one head at a time.
 */
final class RequestHeaders {
    private static final byte[] VERSION = MessageWriter.ascii(" HTTP/1.1\r\n");

    private final TrustedPeers trusted;
    private final String pseudonym;
    private final String via11;
    private final String via10;
    private final String via20;

    private boolean sawProto;
    private boolean sawHost;
    private boolean sawRealIp;
    private boolean replacesTrace;
    private @Nullable String sawForwarded;

    RequestHeaders(TrustedPeers trusted, String pseudonym) {
        this.trusted = trusted;
        this.pseudonym = pseudonym;
        this.via11 = "1.1 " + pseudonym;
        this.via10 = "1.0 " + pseudonym;
        this.via20 = "2.0 " + pseudonym;
    }

    /** How often a request came through this proxy already. */
    int passes(RequestHead head) {
        String via = head.via();
        if (via == null) {
            return 0;
        }
        int passes = 0;
        int at = via.indexOf(pseudonym);
        while (at >= 0) {
            passes++;
            at = via.indexOf(pseudonym, at + pseudonym.length());
        }
        return passes;
    }

    /**
     * Writes the head.
     *
     * @param rules what the route changes; null for nothing
     * @param upgrade the protocol to change to; null for none
     */
    void write(
            RoutedExchange exchange,
            @Nullable HeaderRules rules,
            Backend backend,
            @Nullable String upgrade,
            ByteBuf out) {
        RequestHead head = exchange.head();
        DownstreamPeer peer = exchange.peer();
        String id = exchange.requestId();
        TraceContext trace = exchange.trace();
        sawProto = false;
        sawHost = false;
        sawRealIp = false;
        sawForwarded = null;
        replacesTrace = trace != null;
        MessageWriter.text(out, head.method());
        out.writeByte(' ');
        MessageWriter.text(out, head.target());
        out.writeBytes(VERSION);
        String host = head.host();
        boolean kept = exchange.route().settings().hostHeader() != HostHeader.BACKEND;
        MessageWriter.field(out, HeaderNames.HOST, host != null && kept ? host : backend.address());
        copy(head, peer.trusted(), rules, out);
        addOurs(head, peer, out);
        if (rules != null) {
            rules.add(
                    variable -> variable(variable, head, peer, id),
                    (name, value) -> MessageWriter.field(out, name, value));
        }
        MessageWriter.field(out, HeaderNames.REQUEST_ID, id);
        if (trace != null) {
            addTrace(trace, out);
        }
        if (head.isChunked()) {
            out.writeBytes(HeaderNames.CHUNKED_LINE);
        }
        if (upgrade != null) {
            out.writeBytes(HeaderNames.UPGRADE_LINE);
            MessageWriter.field(out, HeaderNames.UPGRADE, upgrade);
        }
        MessageWriter.endHead(out);
    }

    private static void addTrace(TraceContext trace, ByteBuf out) {
        String state = trace.state();
        MessageWriter.field(out, HeaderNames.TRACEPARENT, trace.parent());
        if (state != null) {
            MessageWriter.field(out, HeaderNames.TRACESTATE, state);
        }
    }

    private void copy(RequestHead head, boolean peerTrusted, @Nullable HeaderRules rules, ByteBuf out) {
        Fields from = head.fields();
        String options = head.connectionOptions();
        int first = -1;
        int count = from.count();
        for (int i = 0; i < count; i++) {
            boolean kept = !isOurs(head, i, peerTrusted)
                    && !HopByHop.isHopByHop(from, i, options)
                    && (rules == null || !rules.removes(from, i));
            if (kept && first < 0) {
                first = i;
            } else if (!kept && first >= 0) {
                from.writeLines(first, i - 1, out);
                first = -1;
            }
        }
        if (first >= 0) {
            from.writeLines(first, count - 1, out);
        }
    }

    /** Whether we write this field ourselves, or have to drop it. */
    private boolean isOurs(RequestHead head, int i, boolean peerTrusted) {
        Fields from = head.fields();
        return switch (from.known(i)) {
            case VIA, HOST, EXPECT, X_REQUEST_ID, X_FORWARDED_FOR, LOOKALIKE -> true;
            case TRACEPARENT, TRACESTATE -> replacesTrace;
            case MAX_FORWARDS -> head.maxForwards() >= 0;
            // Without chunks there are no trailers to announce.
            case TRAILER -> !head.isChunked();
            case FORWARDED -> {
                if (peerTrusted) {
                    sawForwarded = sawForwarded == null ? from.value(i) : sawForwarded + ", " + from.value(i);
                }
                yield true;
            }
            case X_REAL_IP -> {
                sawRealIp |= peerTrusted;
                yield !peerTrusted;
            }
            case X_FORWARDED_HOST -> {
                sawHost |= peerTrusted;
                yield !peerTrusted;
            }
            case X_FORWARDED_PROTO -> {
                sawProto |= peerTrusted;
                yield !peerTrusted;
            }
            default -> false;
        };
    }

    private void addOurs(RequestHead head, DownstreamPeer peer, ByteBuf out) {
        String before = peer.trusted() ? head.forwardedFor() : null;
        MessageWriter.field(
                out, HeaderNames.FORWARDED_FOR, before == null ? peer.address() : before + ", " + peer.address());
        if (!sawRealIp) {
            MessageWriter.field(out, HeaderNames.REAL_IP, client(head, peer));
        }
        if (!sawProto) {
            MessageWriter.field(out, HeaderNames.FORWARDED_PROTO, peer.scheme());
        }
        String host = head.host();
        if (!sawHost && host != null) {
            MessageWriter.field(out, HeaderNames.FORWARDED_HOST, host);
        }
        MessageWriter.field(
                out,
                HeaderNames.FORWARDED,
                sawForwarded == null ? peer.forwarded() : sawForwarded + ", " + peer.forwarded());
        if (head.maxForwards() > 0) {
            MessageWriter.field(out, HeaderNames.MAX_FORWARDS, String.valueOf(head.maxForwards() - 1));
        }
        String mine = mine(head);
        MessageWriter.field(out, HeaderNames.VIA, head.via() == null ? mine : head.via() + ", " + mine);
    }

    /** The client's address, as seen behind trusted proxies. */
    String client(RequestHead head, DownstreamPeer peer) {
        String before = peer.trusted() ? head.forwardedFor() : null;
        return before == null ? peer.address() : client(before, peer);
    }

    /** How the client reached us, or a trusted peer in front. */
    String scheme(RequestHead head, DownstreamPeer peer) {
        int i = peer.trusted() ? head.fields().indexOf(KnownField.X_FORWARDED_PROTO) : -1;
        if (i < 0) {
            return peer.scheme();
        }
        return head.fields().valueIs(i, "https") ? "https" : "http";
    }

    String variable(HeaderTemplate.Variable variable, RequestHead head, DownstreamPeer peer, String requestId) {
        return switch (variable) {
            case CLIENT_IP -> client(head, peer);
            case HOST -> head.hostName();
            case REQUEST_ID -> requestId;
            case SCHEME -> scheme(head, peer);
        };
    }

    private String mine(RequestHead head) {
        if (head.isHttp2()) {
            return via20;
        }
        return head.isHttp10() ? via10 : via11;
    }

    /** The nearest hop that is not one of ours, from right to left. */
    private String client(String forwardedFor, DownstreamPeer peer) {
        String nearest = peer.address();
        int end = forwardedFor.length();
        while (end > 0) {
            int comma = forwardedFor.lastIndexOf(',', end - 1);
            String hop = forwardedFor.substring(comma + 1, end).trim();
            if (TrustedPeers.address(hop).isEmpty()) {
                return nearest;
            }
            nearest = hop;
            if (!trusted.contains(hop)) {
                return nearest;
            }
            end = comma;
        }
        return nearest;
    }
}
