package io.sluice.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.sluice.proxy.forward.DownstreamPeer;
import io.sluice.proxy.forward.DownstreamTls;
import io.sluice.proxy.forward.TrustedPeers;
import io.sluice.proxy.tls.Certificates;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Which handlers a connection gets. One that can only be plain HTTP/1.x has a single handler from the beginning; any other starts with an {@link
 * OpeningConnection} behind those that read a PROXY protocol header and speak TLS, until it is known what the client speaks.
 */
final class ClientPipeline {
    private final LoopListener loop;
    private final ListenerSettings settings;
    private final ProtocolSettings protocols;
    private final @Nullable Certificates certificates;
    private final boolean plainOnly;

    ClientPipeline(LoopListener loop, ListenerSettings settings, @Nullable Certificates certificates) {
        this.loop = loop;
        this.settings = settings;
        this.protocols = settings.protocols();
        this.certificates = certificates;
        this.plainOnly = !protocols.http2() && !protocols.proxyProtocol();
    }

    /** Fills the pipeline of a connection that was accepted and not yet registered. */
    OpenConnection open(Channel channel, DownstreamPeer peer, boolean tls, long deadline) {
        ChannelPipeline pipeline = channel.pipeline();
        if (!tls && plainOnly) {
            ClientConnection connection = new ClientConnection(loop, channel, peer, settings, deadline, null);
            pipeline.addLast(connection);
            return connection;
        }
        if (protocols.proxyProtocol()) {
            pipeline.addLast(new ProxyHeaderReader(peer.trusted()));
        }
        if (tls) {
            pipeline.addLast(new ServerNameHandler(Objects.requireNonNull(certificates)));
        }
        OpeningConnection opening =
                new OpeningConnection(this, loop, channel, peer.address(), tls, !tls && protocols.http2(), deadline);
        pipeline.addLast(opening);
        return opening;
    }

    /** Who is at the other end, whoever it speaks for. */
    DownstreamPeer peer(Channel channel, boolean tls) {
        return peer(address(channel.remoteAddress()), tls ? "https" : "http");
    }

    private static String address(@Nullable SocketAddress remote) {
        return remote instanceof InetSocketAddress internet
                ? internet.getAddress().getHostAddress()
                : "unknown";
    }

    private TrustedPeers trustedPeers() {
        return settings.forwarder().trustedPeers();
    }

    /** Who is said to be at the other end. */
    DownstreamPeer announced(String client, boolean tls) {
        return peer(client, tls ? "https" : "http");
    }

    private DownstreamPeer peer(String client, String scheme) {
        return DownstreamPeer.of(client, trustedPeers().contains(client), scheme);
    }

    private DownstreamPeer peer(String client, @Nullable SslHandler tls) {
        if (tls == null) {
            return peer(client, "http");
        }
        SSLSession session = tls.engine().getSession();
        return peer(client, "https").with(new DownstreamTls(session.getProtocol(), session.getCipherSuite()));
    }

    /** Adds HTTP/1.x. */
    OpenConnection beginHttp1(Channel channel, String client, @Nullable SslHandler tls, long deadline) {
        DownstreamPeer peer = peer(client, tls);
        ClientConnection connection = new ClientConnection(loop, channel, peer, settings, deadline, tls);
        channel.pipeline().addLast(connection);
        return connection;
    }

    /** Adds HTTP/2. */
    OpenConnection beginHttp2(Channel channel, String client, @Nullable SslHandler tls, long deadline) {
        Http2ClientConnection connection = Http2Codec.open(loop, channel, peer(client, tls), settings, deadline);
        channel.pipeline().addLast(new Http2FloodGuard(loop)).addLast(connection);
        return connection;
    }
}
