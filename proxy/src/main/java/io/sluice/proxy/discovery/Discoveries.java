package io.sluice.proxy.discovery;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sluice.proxy.pool.Pools;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes {@link Discovery}s that share one thread for talking to name servers, which is there from the first one on. */
public final class Discoveries implements AutoCloseable {
    private final Vertx vertx;
    private final Pools pools;
    private final Clock clock;
    private @Nullable EventLoopGroup loops;

    public Discoveries(Vertx vertx, Pools pools, Clock clock) {
        this.vertx = vertx;
        this.pools = pools;
        this.clock = clock;
    }

    /** For a pool that need not be there yet. */
    public synchronized Discovery of(String pool, DiscoverySettings settings, DiscoveryObserver observer) {
        EventLoopGroup group = loops;
        if (group == null) {
            group = new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("sluice-name-servers", true), NioIoHandler.newFactory());
            loops = group;
        }
        return new Discovery(
                vertx,
                group.next(),
                pools,
                pool,
                settings,
                observer,
                clock,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    @Override
    public synchronized void close() {
        if (loops != null) {
            // It ends by itself; a daemon thread keeps no process alive.
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(ended -> {});
        }
    }
}
