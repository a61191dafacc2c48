package io.sluice.proxy.listener;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.util.AsciiString;
import io.sluice.proxy.forward.DownstreamPeer;
import java.util.Set;

/** How HTTP/2 is spoken with clients: what they may send, and the limits against those that only want to cost work. */
final class Http2Codec extends AbstractHttp2ConnectionHandlerBuilder<Http2ClientConnection, Http2Codec> {
    private static final int MAX_STREAMS = 100;
    /** What a client may send of one request body before it is told to go on; the most that is held for a backend that is slow. */
    private static final int STREAM_WINDOW = 64 * 1024;

    /** Answers to PING, SETTINGS and the like that a client leaves unread. */
    private static final int MAX_QUEUED_ANSWERS = 1000;

    /** CVE-2023-44487: streams that are opened and reset, over and over. CVE-2025-8671: the same, by making us reset them. */
    private static final int MAX_RESETS = 200;

    private static final int RESETS_SECONDS = 30;
    private static final int MAX_EMPTY_DATA = 8;

    /** Values that hardly come twice, or are secret, would only push others out of the table that both ends keep (RFC 7541 §7.1.3). */
    private static final Set<AsciiString> NOT_KEPT = Set.of(
            AsciiString.cached("x-request-id"),
            AsciiString.cached("set-cookie"),
            AsciiString.cached("content-length"),
            AsciiString.cached("content-range"),
            AsciiString.cached("etag"),
            AsciiString.cached("last-modified"),
            AsciiString.cached("location"),
            AsciiString.cached("age"));

    private final LoopListener loop;
    private final Channel channel;
    private final DownstreamPeer peer;
    private final ListenerSettings settings;
    private final long deadline;

    private Http2Codec(
            LoopListener loop, Channel channel, DownstreamPeer peer, ListenerSettings settings, long deadline) {
        this.loop = loop;
        this.channel = channel;
        this.peer = peer;
        this.settings = settings;
        this.deadline = deadline;
    }

    /** The handler of a connection whose client speaks HTTP/2; not in the channel's pipeline yet. */
    static Http2ClientConnection open(
            LoopListener loop, Channel channel, DownstreamPeer peer, ListenerSettings settings, long deadline) {
        return new Http2Codec(loop, channel, peer, settings, deadline)
                .initialSettings(new Http2Settings()
                        .maxConcurrentStreams(MAX_STREAMS)
                        .initialWindowSize(STREAM_WINDOW)
                        .maxHeaderListSize((long) settings.maxUriBytes() + settings.maxHeaderBytes()))
                .connection(streams())
                .gracefulShutdownTimeoutMillis(0)
                .validateHeaders(true)
                .headerSensitivityDetector((name, value) -> NOT_KEPT.contains(AsciiString.of(name)))
                .encoderEnforceMaxQueuedControlFrames(MAX_QUEUED_ANSWERS)
                .decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_DATA)
                .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
                .build();
    }

    /** Streams share alike what may be sent: the priorities of RFC 7540 are obsolete (RFC 9113 §5.3), and keeping their tree costs work. */
    private static Http2Connection streams() {
        DefaultHttp2Connection connection = new DefaultHttp2Connection(true);
        connection
                .remote()
                .flowController(
                        new DefaultHttp2RemoteFlowController(connection, new UniformStreamByteDistributor(connection)));
        return connection;
    }

    @Override
    protected Http2ClientConnection build(
            Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings initial) {
        return new Http2ClientConnection(loop, channel, peer, settings, deadline, decoder, encoder, initial);
    }
}
