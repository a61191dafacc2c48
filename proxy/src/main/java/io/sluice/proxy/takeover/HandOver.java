package io.sluice.proxy.takeover;

import io.sluice.journal.JournalException;
import io.sluice.proxy.listener.PassedSockets;
import io.sluice.proxy.listener.TrafficListener;
import io.sluice.proxy.pool.PoolStore;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Unfinished;
import io.sluice.proxy.takeover.Message.Step;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The side of the process whose place is taken. Does step by step what the new process asks for. If that ends before the last step, everything is
 * taken back and this process goes on; after it, this one follows the other's changes of pools, finishes what it runs, and ends.
 *
 * <p>All of its state belongs to one context; the pools are touched on the worker alone, one task at a time.
 */
public final class HandOver implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    /** How soon the new process learns that a request here has ended, and how often the journal is tried that another process holds. */
    private static final long LOOK_MILLIS = 50;

    /**
     * What a process lets go of when another takes its place.
     *
     * @param admins the admin server, and the one for registrations if there is one
     * @param sources of backends; while the journal is not here, what they ask for is refused
     */
    public record Place(
            Pools pools,
            Supplier<PoolStore> journal,
            Component sources,
            List<AdminServer> admins,
            TrafficListener traffic,
            Future<Void> predecessorEnded,
            Runnable whenReplaced) {}

    private final Vertx vertx;
    private final MeetingPoint meetingPoint;
    private final WorkerExecutor worker;
    private final Place place;
    private @Nullable NetServer server;
    private @Nullable Conversation successor;
    private boolean adminYielded;
    private boolean steppedDown;
    private volatile boolean stopped;
    private Unfinished told = Unfinished.NOTHING;

    /** @param worker runs one task at a time */
    public HandOver(Vertx vertx, MeetingPoint meetingPoint, WorkerExecutor worker, Place place) {
        this.vertx = vertx;
        this.meetingPoint = meetingPoint;
        this.worker = worker;
        this.place = place;
    }

    @Override
    public String name() {
        return "hand-over";
    }

    /** Never fails: a proxy that cannot be replaced is still one. */
    @Override
    public Future<Void> start() {
        if (!PassedSockets.arePossible(vertx) || !meetingPoint.fits()) {
            LOG.info("this proxy cannot be replaced while it runs: that needs the epoll transport and a shorter path of"
                    + " the data folder");
            return Future.succeededFuture();
        }
        NetServer listening = vertx.createNetServer().connectHandler(this::connected);
        server = listening;
        SocketAddress address =
                SocketAddress.domainSocketAddress(meetingPoint.ownControl().toString());
        return worker.executeBlocking(meetingPoint::prepare)
                .compose(prepared -> place.traffic().offerSockets(meetingPoint.ownSockets()))
                .compose(offered -> listening.listen(address))
                .compose(ready -> worker.executeBlocking(meetingPoint::publish))
                .<Void>mapEmpty()
                .recover(failure -> {
                    LOG.warn("this proxy cannot be replaced while it runs", failure);
                    return Future.succeededFuture();
                });
    }

    @Override
    public Future<Void> stop() {
        stopped = true;
        NetServer listening = server;
        // Closes its connections, too.
        return listening == null ? Future.succeededFuture() : listening.close();
    }

    private void connected(NetSocket socket) {
        if (successor != null || stopped) {
            socket.write("{\"type\":\"refused\",\"reason\":\"another process is taking its place\"}\n")
                    .onComplete(sent -> socket.close());
            return;
        }
        successor = new Conversation(socket, this::received, this::successorEnded);
    }

    private void received(Message message) {
        if (message instanceof Message.Ask ask) {
            perform(ask.step())
                    .onSuccess(done -> tell(new Message.Done(ask.step())))
                    .onFailure(failure -> {
                        LOG.error("cannot {}", ask.step(), failure);
                        tell(new Message.Refused(ask.step() + " failed: " + failure.getMessage()));
                    });
        } else if (message instanceof Message.Follow follow) {
            worker.executeBlocking(() -> {
                        place.pools().follow(follow.states().getBytes(StandardCharsets.UTF_8));
                        return place.pools().unfinished();
                    })
                    .onSuccess(this::tellUnfinished)
                    .onFailure(bug -> LOG.error("cannot follow the new process's changes of pools", bug));
        }
    }

    private Future<Void> perform(Step step) {
        return switch (step) {
            case RELEASE_JOURNAL -> releaseJournal();
            case YIELD_ADMIN -> {
                adminYielded = true;
                yield onEachAdmin(AdminServer::yieldPort);
            }
            case STEP_DOWN -> stepDown();
        };
    }

    private Future<Void> onEachAdmin(Function<AdminServer, Future<Void>> action) {
        return Future.join(place.admins().stream().map(action).toList()).mapEmpty();
    }

    private Future<Void> releaseJournal() {
        LOG.info("another process takes the place of this one; changes of pools are refused from now on");
        return worker.executeBlocking(() -> {
                    place.pools().release();
                    return true;
                })
                .mapEmpty();
    }

    private Future<Void> stepDown() {
        steppedDown = true;
        Context own = vertx.getOrCreateContext();
        // From now on the other process hears of instances; silence here means nothing.
        Future<Void> deaf = place.sources().stop();
        return deaf.compose(stopped -> place.traffic().yieldSockets())
                .onSuccess(yielded -> own.runOnContext(now -> finish(own)));
    }

    private void finish(Context own) {
        LOG.info("replaced; {} connections to finish", place.traffic().connections());
        long reports = vertx.setPeriodic(LOOK_MILLIS, tick -> report());
        place.traffic()
                .connectionsEnded()
                .compose(ended -> place.predecessorEnded())
                .onComplete(ended -> own.runOnContext(now -> {
                    vertx.cancelTimer(reports);
                    // What ended since the last report is what drains wait for.
                    report().onComplete(reported -> place.whenReplaced().run());
                }));
    }

    private Future<Unfinished> report() {
        return worker.executeBlocking(() -> place.pools().unfinished()).onSuccess(now -> {
            if (!now.equals(told)) {
                tellUnfinished(now);
            }
        });
    }

    private void tellUnfinished(Unfinished now) {
        told = now;
        tell(new Message.StillRunning(now));
    }

    private void tell(Message message) {
        Conversation listening = successor;
        if (listening != null) {
            listening.send(message);
        }
    }

    private void successorEnded() {
        successor = null;
        if (steppedDown || stopped) {
            return;
        }
        LOG.warn("the process that was taking the place of this one has ended; this one goes on");
        takeBack();
    }

    private void takeBack() {
        worker.executeBlocking(() -> {
                    place.pools().resume(place.journal().get());
                    return true;
                })
                .compose(resumed -> adminYielded ? onEachAdmin(AdminServer::start) : Future.succeededFuture())
                .onSuccess(back -> adminYielded = false)
                .onFailure(failure -> {
                    if (!isLocked(failure)) {
                        LOG.error("the journal of pools could not be taken back, which is tried again", failure);
                    }
                    if (!stopped) {
                        vertx.setTimer(LOOK_MILLIS, again -> takeBack());
                    }
                });
    }

    /** The process that goes may be the one that has it. */
    private static boolean isLocked(Throwable failure) {
        return failure instanceof JournalException journal && journal.kind() == JournalException.Kind.LOCKED;
    }
}
