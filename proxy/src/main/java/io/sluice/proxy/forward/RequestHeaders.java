package io.sluice.proxy.forward;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.route.HostHeader;
import io.sluice.proxy.route.Route;
import io.vertx.core.MultiMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the head that a backend gets: the client's fields without those of its connection, then our own. A client cannot take our fields away
 * by naming them in {@code Connection}: they are added after the removal. What an untrusted peer says about who the client is gets replaced.
 * One instance per event loop, used for one head at a time.
 */
final class RequestHeaders implements BiConsumer<String, String> {
    private final TrustedPeers trusted;
    private final String pseudonym;
    private final String via11;
    private final String via10;

    private boolean peerTrusted;
    private @Nullable String connectionOptions;
    private boolean sawProto;
    private boolean sawHost;
    private boolean sawRealIp;
    private @Nullable String sawForwarded;
    private @Nullable MultiMap to;

    RequestHeaders(TrustedPeers trusted, String pseudonym) {
        this.trusted = trusted;
        this.pseudonym = pseudonym;
        this.via11 = "1.1 " + pseudonym;
        this.via10 = "1.0 " + pseudonym;
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

    void write(
            RequestHead head,
            MultiMap from,
            DownstreamPeer peer,
            Route route,
            Backend backend,
            String id,
            MultiMap out) {
        peerTrusted = peer.trusted();
        connectionOptions = head.connectionOptions();
        sawProto = false;
        sawHost = false;
        sawRealIp = false;
        sawForwarded = null;
        to = out;
        String host = head.host();
        boolean own = route.settings().hostHeader() == HostHeader.BACKEND || host == null;
        out.add(HeaderNames.HOST, own ? backend.address() : host);
        from.forEach(this);
        to = null;
        addOurs(head, peer, out);
        out.add(HeaderNames.REQUEST_ID, id);
    }

    private void addOurs(RequestHead head, DownstreamPeer peer, MultiMap out) {
        String before = peerTrusted ? head.forwardedFor() : null;
        out.add(HeaderNames.FORWARDED_FOR, before == null ? peer.address() : before + ", " + peer.address());
        if (!sawRealIp) {
            out.add(HeaderNames.REAL_IP, before == null ? peer.address() : client(before, peer));
        }
        if (!sawProto) {
            out.add(HeaderNames.FORWARDED_PROTO, peer.scheme());
        }
        String host = head.host();
        if (!sawHost && host != null) {
            out.add(HeaderNames.FORWARDED_HOST, host);
        }
        out.add(
                HeaderNames.FORWARDED,
                sawForwarded == null ? peer.forwarded() : sawForwarded + ", " + peer.forwarded());
        String mine = head.isHttp10() ? via10 : via11;
        out.add(HeaderNames.VIA, head.via() == null ? mine : head.via() + ", " + mine);
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

    @Override
    public void accept(String name, String value) {
        MultiMap out = to;
        if (out == null || HopByHop.isHopByHop(name) || HopByHop.isNamed(connectionOptions, name)) {
            return;
        }
        if (!isOurs(name, value)) {
            out.add(name, value);
        }
    }

    /** Whether we write this field ourselves, or have to drop it. */
    private boolean isOurs(String name, String value) {
        return switch (name.length()) {
            case 3 -> name.equalsIgnoreCase("via");
            case 4 -> name.equalsIgnoreCase("host");
            case 6 -> name.equalsIgnoreCase("expect");
            // The HTTP library drops request trailers, so they must not be announced either.
            case 7 -> name.equalsIgnoreCase("trailer");
            case 9 -> isForwardedOrRealIp(name, value);
            case 12 -> name.equalsIgnoreCase("x-request-id");
            case 15 -> name.equalsIgnoreCase("x-forwarded-for");
            case 16 -> name.equalsIgnoreCase("x-forwarded-host") && !(peerTrusted && (sawHost = true));
            case 17 -> name.equalsIgnoreCase("x-forwarded-proto") && !(peerTrusted && (sawProto = true));
            default -> false;
        };
    }

    private boolean isForwardedOrRealIp(String name, String value) {
        if (name.equalsIgnoreCase("forwarded")) {
            if (peerTrusted) {
                sawForwarded = sawForwarded == null ? value : sawForwarded + ", " + value;
            }
            return true;
        }
        if (!name.equalsIgnoreCase("x-real-ip")) {
            return false;
        }
        sawRealIp |= peerTrusted;
        return !peerTrusted;
    }
}
