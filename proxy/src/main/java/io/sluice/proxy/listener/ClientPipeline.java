package io.sluice.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
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
    private static final int MAX_STREAMS = 100;
    /** What a client may send of one request body before it is told to go on; the most that is held for a backend that is slow. */
    private static final int STREAM_WINDOW = 64 * 1024;
    /** The same for all streams of a connection, so that a slow backend does not stop the others. */
    private static final int CONNECTION_WINDOW = 1024 * 1024;
    /** What it is before anything is said (RFC 9113 §6.9.2). */
    private static final int INITIAL_WINDOW = 65_535;

    /** Answers to PING, SETTINGS and the like that a client leaves unread. */
    private static final int MAX_QUEUED_ANSWERS = 1000;

    /** CVE-2023-44487: streams that are opened and reset, over and over. CVE-2025-8671: the same, by making us reset them. */
    private static final int MAX_RESETS = 200;

    private static final int RESETS_SECONDS = 30;
    private static final int MAX_EMPTY_DATA = 8;

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
    OpenConnection beginHttp2(Channel channel, String client, @Nullable SslHandler tls, long deadline)
            throws Http2Exception {
        DownstreamPeer peer = peer(client, tls);
        Http2Connection connection = new Http2Connection(loop, channel, deadline);
        Http2FrameCodec codec = codec();
        channel.pipeline()
                .addLast(new Http2FloodGuard(loop))
                .addLast(codec)
                .addLast(new Http2MultiplexHandler(new Http2Stream.Opener(loop, connection, peer, settings)))
                .addLast(connection);
        codec.connection()
                .local()
                .flowController()
                .incrementWindowSize(codec.connection().connectionStream(), CONNECTION_WINDOW - INITIAL_WINDOW);
        return connection;
    }

    private Http2FrameCodec codec() {
        Http2Settings initial = new Http2Settings()
                .maxConcurrentStreams(MAX_STREAMS)
                .initialWindowSize(STREAM_WINDOW)
                .maxHeaderListSize((long) settings.maxUriBytes() + settings.maxHeaderBytes());
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(initial)
                .gracefulShutdownTimeoutMillis(0)
                .validateHeaders(true)
                .encoderEnforceMaxQueuedControlFrames(MAX_QUEUED_ANSWERS)
                .decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_DATA)
                .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
                .build();
    }
}
