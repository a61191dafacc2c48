package io.sluice.proxy.listener;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.forward.ForwardingTarget;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.pool.PoolSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Tells the event loops what they have to know about changes of the pools that routes lead to. */
final class LoopsFollower implements PoolChangeListener {
    private final List<LoopListener> loops;
    private final List<BackendPool> followed = new ArrayList<>();

    LoopsFollower(List<LoopListener> loops) {
        this.loops = loops;
    }

    /** Follows these too. */
    synchronized void follow(Collection<ForwardingTarget> targets) {
        for (ForwardingTarget target : targets) {
            BackendPool pool = target.pool().pool();
            if (!followed.contains(pool)) {
                pool.addListener(this);
                pool.onRoom(this::wakeWaiting);
                followed.add(pool);
            }
        }
    }

    /** Lets go of the idle connections of pools that are not among these any more. What runs on them runs on. */
    synchronized void keepOnly(Collection<ForwardingTarget> targets) {
        List<BackendPool> now =
                targets.stream().map(target -> target.pool().pool()).toList();
        List<BackendPool> gone =
                followed.stream().filter(pool -> !now.contains(pool)).toList();
        gone.forEach(pool -> pool.snapshot().backends().forEach(this::closeIdle));
        followed.removeAll(gone);
    }

    /** Lets go of the idle connections to pools that are spoken to in another way now. What runs on them runs on. */
    void forgetOldTransports(Map<String, ForwardingTarget> before, Map<String, ForwardingTarget> now) {
        now.forEach((name, target) -> {
            ForwardingTarget old = before.get(name);
            if (old != null && !old.transport().equals(target.transport())) {
                target.pool().pool().snapshot().backends().forEach(this::closeIdle);
            }
        });
    }

    private void closeIdle(Backend backend) {
        loops.forEach(loop -> loop.closeIdle(backend));
    }

    private void wakeWaiting() {
        loops.forEach(LoopListener::wakeWaiting);
    }

    @Override
    public void backendRetired(BackendPool pool, Backend backend) {
        closeIdle(backend);
    }

    @Override
    public void backendHeld(BackendPool pool, Backend backend, boolean held) {
        if (held) {
            closeIdle(backend);
        }
    }

    @Override
    public void drainEnded(BackendPool pool, DrainOperation drain) {
        if (drain.state() == DrainState.TIMED_OUT) {
            loops.forEach(loop -> loop.closeTunnels(backend -> isDrained(backend, drain)));
        }
    }

    private static boolean isDrained(Backend backend, DrainOperation drain) {
        return backend.pool().equals(drain.pool())
                && backend.id().equals(drain.backend())
                && backend.incarnation() == drain.incarnation();
    }

    @Override
    public void backendObserved(BackendPool pool, Backend backend) {
        wakeWaiting();
    }

    @Override
    public void poolChanged(BackendPool pool, PoolSnapshot before, PoolSnapshot now) {
        wakeWaiting();
    }
}
