package io.sluice.proxy.takeover;

import io.sluice.proxy.listener.PassedSockets;
import io.sluice.proxy.listener.TrafficListener;
import io.sluice.proxy.pool.Predecessor;
import io.sluice.proxy.pool.Unfinished;
import io.sluice.proxy.takeover.Message.Step;
import io.sluice.service.lifecycle.StartException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The side of the process that takes the place of another one. Each step completes when the old process has done it, or has ended: then there is
 * nothing left to wait for. {@link #abandon} gives everything back as long as {@link #takePlace} was not asked for.
 */
public final class TakeOver implements Predecessor {
    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);

    /** Longer than the slowest disk takes to force what waits. */
    private static final long PATIENCE_SECONDS = 30;

    private final Vertx vertx;
    private final MeetingPoint meetingPoint;
    /** Kept, since Vert.x closes the connections of a client that nobody refers to any more. */
    private final NetClient client;

    private final Conversation old;
    private final Map<Step, Promise<Void>> asked = new ConcurrentHashMap<>();
    private final Promise<Void> ended = Promise.promise();
    private volatile @Nullable Unfinished unfinished;
    private volatile Runnable wake = () -> {};

    private TakeOver(Vertx vertx, MeetingPoint meetingPoint, NetClient client, NetSocket socket) {
        this.vertx = vertx;
        this.meetingPoint = meetingPoint;
        this.client = client;
        this.old = new Conversation(socket, this::received, this::oldHasEnded);
    }

    /** Finds the running process; empty when there is none. */
    public static Future<Optional<TakeOver>> begin(Vertx vertx, MeetingPoint meetingPoint) {
        if (!PassedSockets.arePossible(vertx) || !meetingPoint.fits()) {
            return Future.failedFuture(new StartException(
                    "taking over needs Linux, its epoll transport and a short path of the data folder; here the running"
                            + " proxy has to be stopped first (" + meetingPoint.control() + ")"));
        }
        if (!Files.exists(meetingPoint.control())) {
            return Future.succeededFuture(Optional.empty());
        }
        SocketAddress address =
                SocketAddress.domainSocketAddress(meetingPoint.control().toString());
        NetClient client = vertx.createNetClient();
        return client.connect(address)
                .map(socket -> Optional.of(new TakeOver(vertx, meetingPoint, client, socket)))
                // The file of one that was killed. Where it lives after all, its journal is locked.
                .otherwise(Optional.empty());
    }

    /** The old process changes pools no more, and the journal is free. */
    public Future<Void> takeJournal() {
        LOG.info("taking the place of the running proxy");
        return ask(Step.RELEASE_JOURNAL);
    }

    /** {@code listener} will listen on the old process's sockets, as far as its settings name the same addresses. */
    public Future<Void> passSockets(TrafficListener listener) {
        return PassedSockets.receive(vertx, meetingPoint.sockets())
                .onSuccess(listener::inherit)
                .<Void>mapEmpty()
                .recover(failure -> ended.future().isComplete()
                        ? Future.succeededFuture()
                        : Future.failedFuture(
                                new StartException("the running proxy did not pass on its sockets", failure)));
    }

    /** The port of the admin API is free. */
    public Future<Void> takeAdminPort() {
        return ask(Step.YIELD_ADMIN);
    }

    /** From now on this process alone accepts connections. */
    public Future<Void> takePlace() {
        return ask(Step.STEP_DOWN).onSuccess(done -> LOG.info("took the place of the old proxy, which finishes"));
    }

    /** Gives everything back. What was taken has to be let go of before. */
    public void abandon() {
        old.close();
    }

    /** Completes when nothing is left of the old process. */
    public Future<Void> ended() {
        return ended.future();
    }

    private Future<Void> ask(Step step) {
        Promise<Void> promise = Promise.promise();
        asked.put(step, promise);
        if (ended.future().isComplete()) {
            promise.tryComplete();
        } else {
            old.send(new Message.Ask(step));
        }
        return promise.future().timeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void received(Message message) {
        if (message instanceof Message.Done done) {
            Optional.ofNullable(asked.get(done.step())).ifPresent(Promise::tryComplete);
        } else if (message instanceof Message.Refused refused) {
            StartException why = new StartException("the running proxy goes on: " + refused.reason());
            asked.values().forEach(each -> each.tryFail(why));
        } else if (message instanceof Message.StillRunning still) {
            unfinished = still.unfinished();
            wake.run();
        }
    }

    private void oldHasEnded() {
        unfinished = Unfinished.NOTHING;
        client.close();
        ended.tryComplete();
        asked.values().forEach(Promise::tryComplete);
        wake.run();
    }

    @Override
    public void follow(byte[] states) {
        if (!ended.future().isComplete()) {
            old.send(new Message.Follow(new String(states, StandardCharsets.UTF_8)));
        }
    }

    @Override
    public @Nullable Unfinished unfinished() {
        return unfinished;
    }

    @Override
    public void onNews(Runnable listener) {
        wake = listener;
    }
}
