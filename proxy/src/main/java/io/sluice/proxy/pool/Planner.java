package io.sluice.proxy.pool;

import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.HoldView;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.pool.ChangeRefusedException.Detail;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Computes the next state of a pool from a request, or refuses it with every reason. Pure but for reading what the backends observe, one
 * instance per request.
 */
final class Planner {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern HOLD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}");
    private static final int MAX_REASON = 1_000;
    private static final int MAX_HASHES = 16;
    private static final int MAX_HASH = 200;
    private static final Duration MAX_DRAIN = Duration.ofDays(1);

    /** The hold name in the drain of a backend that is removed; no hold can be called so. */
    static final String REMOVAL = "(removal)";

    private final PoolState before;
    private final ChangeRequest request;
    private final BackendPool pool;
    private final Instant now;
    private final boolean durable;

    private final List<Detail> problems = new ArrayList<>();
    private final List<PoolChange> effective = new ArrayList<>();
    private final List<Plan.DrainStart> starts = new ArrayList<>();
    private final List<String> ends = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private PoolState state;
    private boolean created;
    private int drains;
    private @Nullable Refusal firstRefusal;

    /**
     * @param before the state to start from, perhaps ahead of the live one by what is in the same batch
     * @param durable whether its holds will be in the journal
     */
    Planner(PoolState before, ChangeRequest request, BackendPool pool, Instant now, boolean durable) {
        this.before = before;
        this.request = request;
        this.pool = pool;
        this.now = now;
        this.durable = durable;
        this.state = before;
    }

    Plan plan() {
        checkCaller();
        Long epoch = request.epoch();
        if (epoch != null && epoch > before.epoch()) {
            state = state.withEpoch(epoch);
        }
        for (int i = 0; i < request.changes().size(); i++) {
            plan(request.changes().get(i), "/changes/" + i);
        }
        if (firstRefusal != null) {
            throw new ChangeRefusedException(firstRefusal, problems);
        }
        if (!request.overFloor()) {
            FloorCheck floor = new FloorCheck(pool);
            floor.check(before, state);
            if (request.source().isDynamic()) {
                floor.checkCount(before, state);
            }
        }
        if (state.epoch() != before.epoch() || !effective.isEmpty()) {
            state = state.withRevision(nextRevision());
        }
        return new Plan(before, state, effective, starts, ends, asked, created);
    }

    private long nextRevision() {
        return before.revision() + 1;
    }

    private void checkCaller() {
        Long epoch = request.epoch();
        if (epoch != null && epoch < before.epoch()) {
            throw new ChangeRefusedException(
                    Refusal.STALE_EPOCH, "epoch: " + epoch + " (expected: >= " + before.epoch() + ")");
        }
        var revisions = request.precondition().revisions();
        if (revisions != null && !revisions.contains(before.revision())) {
            throw new ChangeRefusedException(
                    Refusal.REVISION_MISMATCH, "revision is " + before.revision() + " (expected: " + revisions + ")");
        }
        if (request.reason().length() > MAX_REASON) {
            problem(Refusal.INVALID, "/reason", "longer than " + MAX_REASON + " characters");
        }
    }

    private void plan(PoolChange change, String pointer) {
        PoolState soFar = state;
        if (change instanceof PoolChange.PutBackend put) {
            putBackend(put, pointer);
        } else if (change instanceof PoolChange.RemoveBackend removal) {
            removeBackend(removal, pointer);
        } else if (change instanceof PoolChange.PutHold put) {
            putHold(put, pointer);
        } else if (change instanceof PoolChange.RemoveHold removal) {
            removeHold(removal, pointer);
        } else if (change instanceof PoolChange.AcceptConfiguration accept) {
            acceptConfiguration(accept, pointer);
        } else if (change instanceof PoolChange.SetMinInService floor) {
            setMinInService(floor, pointer);
        }
        if (!state.equals(soFar)) {
            effective.add(change);
        }
    }

    private void putBackend(PoolChange.PutBackend put, String pointer) {
        int weight = Objects.requireNonNullElse(put.weight(), 1);
        require(ID.matcher(put.id()).matches(), pointer + "/id", put.id() + " (expected: " + ID + ")");
        require(
                BackendAddress.parse(put.address()).isPresent(),
                pointer + "/address",
                put.address() + " (expected: host:port)");
        require(
                weight >= 1 && weight <= BackendSettings.MAX_WEIGHT,
                pointer + "/weight",
                weight + " (expected: 1-" + BackendSettings.MAX_WEIGHT + ")");
        require(
                put.maxInFlight() == null
                        || (put.maxInFlight() >= 1 && put.maxInFlight() <= BackendSettings.MOST_IN_FLIGHT),
                pointer + "/maxInFlight",
                put.maxInFlight() + " (expected: 1-" + BackendSettings.MOST_IN_FLIGHT + ")");
        require(isHttpUrl(put.adminUrl()), pointer + "/adminUrl", put.adminUrl() + " (expected: http://host:port)");
        if (firstRefusal != null) {
            return;
        }
        BackendState old = state.backend(put.id()).orElse(null);
        boolean stays = old != null && old.address().equals(put.address());
        long incarnation = state.nextIncarnation(put.id()) - (stays ? 1 : 0);
        List<BackendState.Hold> holds = old == null ? List.of() : old.holds();
        BackendState wished = BackendState.of(
                new BackendSettings(put.id(), put.address(), put.adminUrl(), weight, put.backup(), put.maxInFlight()),
                incarnation,
                holds,
                source(old, stays));
        if (!isFree(put, old, pointer)) {
            return;
        }
        if (old != null && !mayMeet(old, wished)) {
            problem(Refusal.ALREADY_EXISTS, pointer + "/id", put.id() + " exists");
            return;
        }
        created |= old == null;
        state = state.with(wished);
    }

    /** Who changes a backend but leaves it where it is has not put it there. */
    private BackendSource source(@Nullable BackendState old, boolean stays) {
        return old != null && (stays || old.source() == BackendSource.STATIC) ? old.source() : request.source();
    }

    private boolean isMine(BackendState backend) {
        return request.source() == BackendSource.API || backend.source() == request.source();
    }

    /** Whether nobody else has the id, nor, where backends come by themselves, the address. */
    private boolean isFree(PoolChange.PutBackend put, @Nullable BackendState old, String pointer) {
        if (old != null && !isMine(old)) {
            problem(Refusal.NOT_YOURS, pointer + "/id", put.id() + " is in the pool for another reason");
            return false;
        }
        if (!request.source().isDynamic()) {
            return true;
        }
        Optional<BackendState> other = state.backends().stream()
                .filter(each ->
                        each.address().equals(put.address()) && !each.id().equals(put.id()))
                .findFirst();
        other.ifPresent(each ->
                problem(Refusal.NOT_YOURS, pointer + "/address", put.address() + " is the address of " + each.id()));
        return other.isEmpty();
    }

    private boolean mayMeet(BackendState old, BackendState wished) {
        return switch (request.precondition().existing()) {
            case ANY -> true;
            case SAME -> old.equals(wished);
            case NONE -> false;
        };
    }

    private static boolean isHttpUrl(@Nullable String url) {
        if (url == null) {
            return true;
        }
        try {
            URI uri = new URI(url);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private void removeBackend(PoolChange.RemoveBackend removal, String pointer) {
        BackendState backend = find(removal.id(), pointer + "/id");
        requireDrainTimeout(removal.drainTimeout(), pointer);
        if (backend == null) {
            return;
        }
        if (!isMine(backend)) {
            problem(Refusal.NOT_YOURS, pointer + "/id", removal.id() + " is in the pool for another reason");
            return;
        }
        List<String> others = backend.holds().stream()
                .filter(hold -> !hold.view().author().equals(request.author()))
                .map(hold -> hold.view().name() + " (" + hold.view().author() + ")")
                .toList();
        if (!others.isEmpty() && !removal.force()) {
            problem(
                    Refusal.HELD_BY_OTHERS,
                    pointer + "/id",
                    removal.id() + " is held by " + String.join(", ", others) + "; force removes it all the same");
            return;
        }
        backend.holds().forEach(hold -> ends.add(hold.operation()));
        state = state.without(removal.id());
        start(backend, REMOVAL, removal.drainTimeout());
    }

    private void putHold(PoolChange.PutHold put, String pointer) {
        BackendState backend = find(put.backend(), pointer + "/backend");
        require(HOLD.matcher(put.name()).matches(), pointer + "/name", put.name() + " (expected: " + HOLD + ")");
        require(!put.reason().isBlank(), pointer + "/reason", "blank (expected: why)");
        require(put.reason().length() <= MAX_REASON, pointer + "/reason", "longer than " + MAX_REASON + " characters");
        requireDrainTimeout(put.drainTimeout(), pointer);
        if (backend == null || firstRefusal != null) {
            return;
        }
        var existing = backend.hold(put.name());
        if (existing.isPresent()) {
            asked.add(existing.get().operation());
            return;
        }
        HoldView view = new HoldView(put.name(), put.reason(), request.author(), now, nextRevision());
        List<BackendState.Hold> holds = new ArrayList<>(backend.holds());
        holds.add(new BackendState.Hold(view, start(backend, put.name(), put.drainTimeout()), durable));
        state = state.with(backend.withHolds(holds));
    }

    private void removeHold(PoolChange.RemoveHold removal, String pointer) {
        BackendState backend = find(removal.backend(), pointer + "/backend");
        if (backend == null) {
            return;
        }
        backend.hold(removal.name()).ifPresent(hold -> {
            boolean placedHere = starts.removeIf(start -> start.operation().equals(hold.operation()));
            if (placedHere) {
                asked.remove(hold.operation());
            } else {
                ends.add(hold.operation());
            }
            state = state.with(backend.withHolds(backend.holds().stream()
                    .filter(other -> !other.equals(hold))
                    .toList()));
        });
    }

    private void acceptConfiguration(PoolChange.AcceptConfiguration accept, String pointer) {
        List<String> hashes = accept.hashes().stream().distinct().toList();
        require(
                hashes.size() <= MAX_HASHES,
                pointer + "/hashes",
                hashes.size() + " hashes (expected: <= " + MAX_HASHES + ")");
        for (int i = 0; i < hashes.size(); i++) {
            String hash = hashes.get(i);
            require(
                    !hash.isBlank() && hash.length() <= MAX_HASH,
                    pointer + "/hashes/" + i,
                    "'" + hash + "' (expected: a config hash)");
        }
        if (firstRefusal == null) {
            state = state.withAccepted(hashes);
        }
    }

    private void setMinInService(PoolChange.SetMinInService floor, String pointer) {
        int most = Math.max(1, state.backends().size());
        require(
                floor.count() >= 1 && floor.count() <= most,
                pointer + "/count",
                floor.count() + " (expected: 1-" + most + ", the number of backends)");
        if (firstRefusal == null) {
            state = state.withMinInService(floor.count());
        }
    }

    private @Nullable BackendState find(String id, String pointer) {
        BackendState backend = state.backend(id).orElse(null);
        if (backend == null) {
            problem(Refusal.UNKNOWN_BACKEND, pointer, id + " is not in pool " + state.pool());
        }
        return backend;
    }

    private String start(BackendState backend, String hold, @Nullable Duration timeout) {
        String operation = state.pool() + "." + nextRevision() + "." + ++drains;
        Duration within = timeout == null ? pool.settings().drainTimeout() : timeout;
        starts.add(new Plan.DrainStart(operation, backend.id(), hold, backend.incarnation(), within));
        asked.add(operation);
        return operation;
    }

    private void requireDrainTimeout(@Nullable Duration timeout, String pointer) {
        require(
                timeout == null || (!timeout.isNegative() && timeout.compareTo(MAX_DRAIN) <= 0),
                pointer + "/drainTimeout",
                timeout + " (expected: 0s-24h)");
    }

    private void require(boolean holds, String pointer, String text) {
        if (!holds) {
            problem(Refusal.INVALID, pointer, text);
        }
    }

    private void problem(Refusal refusal, String pointer, String text) {
        // What is wrong in itself outranks what is only wrong now: retrying would not help.
        firstRefusal = firstRefusal == null || refusal == Refusal.INVALID ? refusal : firstRefusal;
        problems.add(new Detail(pointer, text));
    }
}
