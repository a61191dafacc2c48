package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;

/**
 * Two connections whose bytes are passed on as they are, each read only as fast as the other takes them. Either side may end its half and go on
 * reading; the tunnel ends when both have, when one connection is gone, or when nothing was passed on for a while, which is a shorter one with
 * only one half left.
 */
final class Tunnel {
    /** How long the half that is left may be silent. */
    private static final long HALF_OPEN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Exchange exchange;
    private final Attempt attempt;
    private final TunnelEnd client;
    private final TunnelEnd backend;
    private long bytesToClient;
    private int openHalves = 2;
    private boolean closed;

    Tunnel(Exchange exchange, Attempt attempt, Downstream downstream, UpstreamConnection upstream) {
        this.exchange = exchange;
        this.attempt = attempt;
        this.backend = upstream;
        upstream.openTunnel(new FromBackend());
        this.client = downstream.openTunnel(new FromClient());
    }

    /** Ends both sides, after what was written to them. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        client.close();
        backend.close();
        if (attempt.completed()) {
            exchange.tunnelClosed(bytesToClient);
        }
    }

    private void halfEnded(TunnelEnd other) {
        openHalves--;
        if (openHalves == 0) {
            close();
        } else {
            other.endOutput();
            progressed();
        }
    }

    private void progressed() {
        exchange.tunnelProgressed(openHalves == 2 ? Long.MAX_VALUE : HALF_OPEN_NANOS);
    }

    private void pass(ByteBuf bytes, TunnelEnd from, TunnelEnd to) {
        if (closed) {
            bytes.release();
            return;
        }
        progressed();
        to.write(bytes);
        if (!to.isWritable()) {
            from.setReading(false);
        }
    }

    private final class FromClient implements TunnelReceiver {
        @Override
        public void received(ByteBuf bytes) {
            pass(bytes, client, backend);
        }

        @Override
        public void readComplete() {
            backend.flush();
        }

        @Override
        public void writable() {
            backend.setReading(true);
        }

        @Override
        public void inputEnded() {
            halfEnded(backend);
        }

        @Override
        public void closed() {
            close();
        }
    }

    private final class FromBackend implements TunnelReceiver {
        @Override
        public void received(ByteBuf bytes) {
            bytesToClient += bytes.readableBytes();
            pass(bytes, backend, client);
        }

        @Override
        public void readComplete() {
            client.flush();
        }

        @Override
        public void writable() {
            client.setReading(true);
        }

        @Override
        public void inputEnded() {
            halfEnded(client);
        }

        @Override
        public void closed() {
            close();
        }
    }
}
