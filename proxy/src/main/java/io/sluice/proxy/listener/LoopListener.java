package io.sluice.proxy.listener;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.sluice.proxy.forward.DownstreamPeer;
import io.sluice.proxy.forward.Forwarder;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.tls.Certificates;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The listener's share on one of Vert.x' event loops: its client connections and its forwarder. The traffic path speaks to Netty's channels on that
 * loop itself, see ADR 4.
 */
final class LoopListener extends VerticleBase {
    /** Connections are looked at less often than exchanges: their timeouts are longer and there are more of them. */
    private static final int SWEEPS_PER_CONNECTION_SWEEP = 10;

    /** The sweep gives up on a connection long before. */
    private static final int CONNECT_MILLIS = 60_000;

    /** For the last of the tunnels that are told that this listener stops. */
    private static final long GOODBYE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int LEAST_READ = 512;
    private static final int FIRST_READ = 2 * 1024;
    private static final int LARGEST_READ = 64 * 1024;
    private static final AdaptiveRecvByteBufAllocator READS =
            new AdaptiveRecvByteBufAllocator(LEAST_READ, FIRST_READ, LARGEST_READ);
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(64 * 1024, 128 * 1024);

    private final ListenerSettings settings;
    private final ClientPipeline pipeline;
    private final TrafficListener.ForwarderFactory forwarders;
    private final ConnectionLimit limit;
    private final TrafficListener.Phase phase;
    private final LongSupplier nanoTime;
    private final long headNanos;
    private final long keepAliveNanos;
    private final long tunnelCloseNanos;

    /** Each with whom it was counted for, who need not be the client. */
    private final IdentityHashMap<OpenConnection, DownstreamPeer> connections = new IdentityHashMap<>();

    private int sweeps;
    private long now;
    private long slowCheckedAt;

    private @Nullable EventLoop loop;
    private @Nullable Forwarder forwarder;
    private @Nullable Promise<Void> stopped;
    private long stopDeadline;
    private boolean tunnelsEnd;

    LoopListener(
            ListenerSettings settings,
            TrafficListener.ForwarderFactory forwarders,
            ConnectionLimit limit,
            TrafficListener.Phase phase,
            @Nullable Certificates certificates,
            LongSupplier nanoTime) {
        this.settings = settings;
        this.pipeline = new ClientPipeline(this, settings, certificates);
        this.forwarders = forwarders;
        this.limit = limit;
        this.phase = phase;
        this.nanoTime = nanoTime;
        this.headNanos = settings.headTimeout().toNanos();
        this.keepAliveNanos = settings.keepAliveTimeout().toNanos();
        this.tunnelCloseNanos = settings.forwarder().tunnelCloseWindow().toNanos();
    }

    @Override
    public Future<?> start() {
        EventLoop own = ((ContextInternal) context).nettyEventLoop();
        loop = own;
        now = nanoTime.getAsLong();
        slowCheckedAt = now;
        forwarder = forwarders.create(client(own));
        vertx.setPeriodic(Forwarder.SWEEP_MILLIS, tick -> sweep());
        return Future.succeededFuture();
    }

    private Bootstrap client(EventLoop own) {
        VertxInternal internal = (VertxInternal) vertx;
        return new Bootstrap()
                .group(own)
                .channelFactory(internal.transport().channelFactory(false))
                .resolver(internal.nameResolver().nettyAddressResolverGroup())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, READS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT);
    }

    EventLoop loop() {
        return Objects.requireNonNull(loop);
    }

    Forwarder forwarder() {
        return Objects.requireNonNull(forwarder);
    }

    /** Takes over a connection that was accepted. Any thread. */
    void accept(Channel channel, boolean tls) {
        DownstreamPeer peer = pipeline.peer(channel, tls);
        if (!limit.tryOpen(peer)) {
            channel.unsafe().closeForcibly();
            return;
        }
        // That small writes leave at once (TCP_NODELAY) is Netty's default.
        ChannelConfig config = channel.config();
        config.setAllocator(PooledByteBufAllocator.DEFAULT);
        config.setRecvByteBufAllocator(READS);
        config.setWriteBufferWaterMark(UNSENT);
        OpenConnection connection = pipeline.open(channel, peer, tls, nanoTime.getAsLong() + headNanos);
        if (loop().inEventLoop()) {
            register(channel, connection, peer);
        } else {
            loop().execute(() -> register(channel, connection, peer));
        }
    }

    private void register(Channel channel, OpenConnection connection, DownstreamPeer peer) {
        // Known before it can be closed, or it would never be forgotten.
        connections.put(connection, peer);
        // To be read from the beginning: after the registration it would take another system call to say so.
        channel.unsafe().beginRead();
        loop().register(channel).addListener(registered -> {
            if (!registered.isSuccess()) {
                closed(connection);
                channel.unsafe().closeForcibly();
            }
        });
    }

    /** It is known now whose connection this is; returns whether that client may have it. */
    boolean tryAnnounce(OpenConnection connection, DownstreamPeer client) {
        DownstreamPeer counted = connections.get(connection);
        if (counted == null || !limit.tryMove(counted, client)) {
            return false;
        }
        connections.put(connection, client);
        return true;
    }

    /** It is known now what the client speaks. */
    void replace(OpenConnection before, OpenConnection now) {
        DownstreamPeer counted = connections.remove(before);
        if (counted != null) {
            connections.put(now, counted);
        }
    }

    void closed(OpenConnection connection) {
        DownstreamPeer counted = connections.remove(connection);
        if (counted != null) {
            limit.closed(counted);
        }
        finishStop();
    }

    private void sweep() {
        now = nanoTime.getAsLong();
        forwarder().sweep();
        sweeps++;
        if (sweeps % SWEEPS_PER_CONNECTION_SWEEP == 0) {
            if (isStopping()) {
                List.copyOf(connections.keySet()).forEach(connection -> connection.endAsAnnounced(now));
            }
            closeAll(connection -> connection.isOverdue(now));
            refuseSlow();
        }
        if (stopped != null) {
            endTunnels();
            if (now - stopDeadline >= 0) {
                forwarder().startCutting();
                closeAll(connection -> true);
            }
        }
    }

    /** Early enough that the last of them is told before everything is cut. */
    private void endTunnels() {
        long lead = Math.min(
                tunnelCloseNanos + GOODBYE_NANOS, settings.stopTimeout().toNanos());
        if (!tunnelsEnd && now - (stopDeadline - lead) >= 0) {
            tunnelsEnd = true;
            forwarder().closeAllTunnels(Math.max(0, lead - GOODBYE_NANOS));
        }
    }

    private void refuseSlow() {
        long window = now - slowCheckedAt;
        slowCheckedAt = now;
        if (settings.clientLimits().minBodyBytesPerSecond() > 0) {
            List.copyOf(connections.keySet()).forEach(connection -> connection.refuseSlowBody(window));
        }
    }

    private void closeAll(Predicate<OpenConnection> which) {
        List<OpenConnection> chosen =
                connections.keySet().stream().filter(which).toList();
        chosen.forEach(OpenConnection::closeNow);
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** As coarse as the sweep, which costs nothing per request. */
    long keepAliveDeadline() {
        return now + keepAliveNanos;
    }

    /** Whether connections end with what runs on them. */
    boolean isStopping() {
        return phase.endsConnections();
    }

    /** Any thread: clients have to go elsewhere with what they ask next. */
    void announceEnd() {
        onLoop(own -> List.copyOf(connections.keySet()).forEach(OpenConnection::announceEnd));
    }

    /** Any thread: connections to this backend must not be used again. */
    void closeIdle(Backend backend) {
        onLoop(own -> own.closeIdle(backend));
    }

    /** Any thread: the tunnels to these have to go. */
    void closeTunnels(Predicate<Backend> which) {
        onLoop(own -> own.closeTunnels(which, tunnelCloseNanos));
    }

    /** Any thread: a backend may have become eligible. */
    void wakeWaiting() {
        Forwarder own = forwarder;
        if (own != null && own.hasWaiting()) {
            onLoop(Forwarder::retryWaiting);
        }
    }

    private void onLoop(Consumer<Forwarder> action) {
        EventLoop running = loop;
        Forwarder own = forwarder;
        if (running != null && own != null) {
            running.execute(() -> action.accept(own));
        }
    }

    /** Ends idle connections now, and each other one with its exchange, but not later than the settings' stop timeout. */
    @Override
    public Future<?> stop() {
        Promise<Void> done = Promise.promise();
        stopped = done;
        stopDeadline = nanoTime.getAsLong() + settings.stopTimeout().toNanos();
        List.copyOf(connections.keySet()).forEach(OpenConnection::endGracefully);
        finishStop();
        return done.future().eventually(() -> {
            forwarder().close();
            return Future.succeededFuture();
        });
    }

    private void finishStop() {
        Promise<Void> done = stopped;
        if (done != null && connections.isEmpty()) {
            done.tryComplete();
        }
    }
}
