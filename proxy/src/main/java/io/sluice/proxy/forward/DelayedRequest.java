package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.http1.Fields;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request that a rate limit holds back until its time has come, then stands between the connection and whoever answers it. What was read of its
 * body before the connection stopped reading is kept; that is one read at most.
 */
final class DelayedRequest extends Sweepable implements RequestReceiver {
    private final RoutePipeline pipeline;
    private final Forwarder loop;
    private final RequestHead head;
    private final Downstream downstream;
    private final ArrayDeque<ByteBuf> parts = new ArrayDeque<>();

    private boolean started;
    private boolean ended;
    private @Nullable Fields trailers;
    private @Nullable RequestReceiver next;

    DelayedRequest(RoutePipeline pipeline, Forwarder loop, RequestHead head, Downstream downstream, long delayMillis) {
        this.pipeline = pipeline;
        this.loop = loop;
        this.head = head;
        this.downstream = downstream;
        deadline = loop.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis);
    }

    void start() {
        loop.track(this);
        if (head.hasBody()) {
            downstream.setReading(false);
        }
    }

    @Override
    void onDeadline(long now) {
        started = true;
        loop.untrack(this);
        if (head.hasBody()) {
            downstream.setReading(true);
        }
        RequestReceiver receiver = pipeline.answer(head, downstream);
        next = receiver;
        if (receiver == null) {
            releaseParts();
            return;
        }
        while (!parts.isEmpty()) {
            receiver.bodyReceived(parts.remove());
        }
        if (ended) {
            receiver.bodyEnded(trailers);
        }
        receiver.readComplete();
    }

    private void releaseParts() {
        while (!parts.isEmpty()) {
            parts.remove().release();
        }
    }

    @Override
    public void bodyReceived(ByteBuf part) {
        RequestReceiver receiver = next;
        if (receiver != null) {
            receiver.bodyReceived(part);
        } else if (started) {
            part.release();
        } else {
            parts.add(part);
        }
    }

    @Override
    public void bodyEnded(@Nullable Fields last) {
        RequestReceiver receiver = next;
        if (receiver != null) {
            receiver.bodyEnded(last);
        } else {
            ended = true;
            trailers = last == null ? null : last.copy();
        }
    }

    @Override
    public void readComplete() {
        RequestReceiver receiver = next;
        if (receiver != null) {
            receiver.readComplete();
        }
    }

    @Override
    public void bodyMalformed() {
        RequestReceiver receiver = next;
        if (receiver != null) {
            receiver.bodyMalformed();
        } else if (!started) {
            giveUp().refuse(Failure.BAD_REQUEST, null, "");
        }
    }

    @Override
    public void bodyTooSlow() {
        RequestReceiver receiver = next;
        // While it is delayed, the body is not waited for.
        if (receiver != null) {
            receiver.bodyTooSlow();
        }
    }

    @Override
    public void writable() {
        RequestReceiver receiver = next;
        if (receiver != null) {
            receiver.writable();
        }
    }

    @Override
    public void clientGone() {
        RequestReceiver receiver = next;
        if (receiver != null) {
            receiver.clientGone();
        } else if (!started) {
            giveUp().finish(Failure.CLIENT_GONE.status(), Failure.CLIENT_GONE, 0, true);
        }
    }

    private OwnExchange giveUp() {
        started = true;
        loop.untrack(this);
        releaseParts();
        return new OwnExchange(loop, head, downstream, pipeline.route());
    }
}
