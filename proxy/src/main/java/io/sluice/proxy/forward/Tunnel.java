package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.pool.Backend;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Two connections whose bytes are passed on as they are, each read only as fast as the other takes them. Either side may end its half and go on
 * reading; the tunnel ends when both have, when one connection is gone, or when nothing was passed on for a while, which is a shorter one with
 * only one half left.
 *
 * <p>When it has to go away, the ends of a WebSocket are told: in each direction the frame that is under way is let through, a close frame follows
 * it, then the half is ended, and whatever comes after is dropped.
 */
final class Tunnel {
    /** How long the half that is left may be silent, and how long the ends may take to answer a close frame. */
    private static final long HALF_OPEN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Exchange exchange;
    private final Attempt attempt;
    private final Direction toBackend;
    private final Direction toClient;
    private final TunnelEnd client;
    private final TunnelEnd backend;
    private final boolean webSocket;
    private long bytesToClient;
    private int openHalves = 2;
    private boolean leaving;
    private boolean closed;

    /** @param webSocket whether what is passed on are frames of RFC 6455 */
    Tunnel(Exchange exchange, Attempt attempt, Downstream downstream, Upstream upstream, boolean webSocket) {
        this.exchange = exchange;
        this.attempt = attempt;
        this.webSocket = webSocket;
        this.toClient = new Direction(true);
        this.toBackend = new Direction(false);
        this.backend = upstream.openTunnel(toClient);
        this.client = downstream.openTunnel(toBackend);
        exchange.loop().tunnels().opened(this, exchange.loop().nanoTime());
    }

    Backend to() {
        return attempt.backend();
    }

    /** Nothing was passed on for too long. */
    void timedOut() {
        close(leaving ? TunnelOutcome.GOING_AWAY : TunnelOutcome.IDLE);
    }

    /** Ends it, in order if there is a way. */
    void goAway() {
        if (closed || leaving) {
            return;
        }
        leaving = true;
        if (!webSocket) {
            close(TunnelOutcome.GOING_AWAY);
            return;
        }
        progressed();
        toClient.leave();
        toBackend.leave();
    }

    private void ended() {
        close(leaving ? TunnelOutcome.GOING_AWAY : TunnelOutcome.ENDED);
    }

    /** Ends both sides, after what was written to them. */
    private void close(TunnelOutcome outcome) {
        if (closed) {
            return;
        }
        closed = true;
        client.close();
        backend.close();
        exchange.loop().tunnels().closed(this, outcome);
        if (attempt.completed()) {
            exchange.tunnelClosed(bytesToClient);
        }
    }

    private void progressed() {
        exchange.tunnelProgressed(openHalves == 2 && !leaving ? Long.MAX_VALUE : HALF_OPEN_NANOS);
    }

    /** What comes from one end and goes to the other. */
    private final class Direction implements TunnelReceiver {
        private final boolean downwards;
        private final @Nullable WebSocketFrames frames;
        private boolean outputEnded;

        Direction(boolean downwards) {
            this.downwards = downwards;
            this.frames = webSocket ? new WebSocketFrames() : null;
        }

        private TunnelEnd from() {
            return downwards ? backend : client;
        }

        private TunnelEnd target() {
            return downwards ? client : backend;
        }

        @Override
        public void received(ByteBuf bytes) {
            WebSocketFrames followed = frames;
            if (closed || outputEnded) {
                bytes.release();
            } else if (followed == null) {
                pass(bytes);
            } else if (leaving) {
                passRestOfFrame(followed, bytes);
            } else {
                followed.pass(bytes);
                pass(bytes);
            }
        }

        private void pass(ByteBuf bytes) {
            if (downwards) {
                bytesToClient += bytes.readableBytes();
            }
            progressed();
            TunnelEnd to = target();
            to.write(bytes);
            if (!to.isWritable()) {
                from().setReading(false);
            }
        }

        private void passRestOfFrame(WebSocketFrames followed, ByteBuf bytes) {
            int rest = followed.passRestOfFrame(bytes);
            pass(bytes.readRetainedSlice(rest));
            bytes.release();
            leave();
        }

        /** Says goodbye, unless a frame is under way. */
        void leave() {
            WebSocketFrames followed = frames;
            if (outputEnded || followed == null || !followed.isAtBoundary()) {
                return;
            }
            if (!followed.isClosed()) {
                target().write(downwards ? closeForClient() : closeForServer());
            }
            endOutput();
            // To its end, or its sender would find the connection reset and perhaps lose what it was told.
            from().setReading(true);
        }

        private ByteBuf closeForClient() {
            return WebSocketFrames.closeForClient(exchange.loop().allocator(), WebSocketFrames.SERVICE_RESTART);
        }

        private ByteBuf closeForServer() {
            int mask = ThreadLocalRandom.current().nextInt();
            return WebSocketFrames.closeForServer(exchange.loop().allocator(), WebSocketFrames.GOING_AWAY, mask);
        }

        private void endOutput() {
            if (!outputEnded) {
                outputEnded = true;
                target().endOutput();
            }
        }

        @Override
        public void readComplete() {
            target().flush();
        }

        @Override
        public void writable() {
            // The end that this direction reads from takes more of the other direction.
            target().setReading(true);
        }

        @Override
        public void inputEnded() {
            openHalves--;
            if (openHalves == 0) {
                ended();
            } else {
                endOutput();
                progressed();
            }
        }

        @Override
        public void closed() {
            ended();
        }
    }
}
