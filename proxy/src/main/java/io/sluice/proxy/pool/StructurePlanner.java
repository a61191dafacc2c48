package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.Origin;
import io.sluice.proxy.pool.ChangeRefusedException.Detail;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Computes what is to be wished from what is and a request, or refuses it with every reason. Pure, one instance per request. */
final class StructurePlanner {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private final Wishes before;
    private final StructureRequest request;
    private final Interpreter interpreter;
    private final @Nullable FileContents lastFile;
    private boolean created;

    /** @param lastFile the file as it was last taken in */
    StructurePlanner(
            Wishes before, StructureRequest request, Interpreter interpreter, @Nullable FileContents lastFile) {
        this.before = before;
        this.request = request;
        this.interpreter = interpreter;
        this.lastFile = lastFile;
    }

    /** Whether what was put did not exist. */
    boolean created() {
        return created;
    }

    /** What is to be; revisions are those of before. */
    Wishes plan() {
        StructureChange change = request.change();
        if (change instanceof StructureChange.PutRoute put) {
            return putRoute(put);
        }
        if (change instanceof StructureChange.RemoveRoute removal) {
            return removeRoute(removal);
        }
        if (change instanceof StructureChange.ReplaceRoutes replacement) {
            return replaceRoutes(replacement);
        }
        if (change instanceof StructureChange.PutPool put) {
            return putPool(put);
        }
        if (change instanceof StructureChange.RemovePool removal) {
            return removePool(removal);
        }
        return takeFile((StructureChange.TakeFile) change);
    }

    private Wishes withRoutes(List<Document> routes) {
        return new Wishes(before.pools(), before.routes().with(routes));
    }

    private Wishes putRoute(StructureChange.PutRoute put) {
        RoutesState routes = before.routes();
        requireRevision(routes.revision());
        requireName(put.name());
        Document wished = put(put.name(), put.document(), routes.route(put.name()));
        Map<String, Document> byName = byName(routes.routes());
        byName.put(put.name(), wished);
        return withRoutes(List.copyOf(byName.values()));
    }

    /** A document that says what was said already stays where it came from. */
    private Document put(String name, ObjectNode settings, Optional<Document> existing) {
        Document wished = new Document(name, Origin.API, settings);
        boolean same =
                existing.filter(old -> old.settings().equals(wished.settings())).isPresent();
        created |= existing.isEmpty();
        requireMayMeet(name, existing.isPresent(), same);
        return same ? existing.get() : wished;
    }

    private Wishes removeRoute(StructureChange.RemoveRoute removal) {
        RoutesState routes = before.routes();
        requireRevision(routes.revision());
        if (routes.route(removal.name()).isEmpty()) {
            throw new ChangeRefusedException(Refusal.UNKNOWN_ROUTE, "there is no route " + removal.name());
        }
        Map<String, Document> byName = byName(routes.routes());
        byName.remove(removal.name());
        return withRoutes(List.copyOf(byName.values()));
    }

    private Wishes replaceRoutes(StructureChange.ReplaceRoutes replacement) {
        RoutesState routes = before.routes();
        requireRevision(routes.revision());
        List<Document> wished = new ArrayList<>();
        for (Document route : replacement.routes()) {
            boolean same = routes.route(route.name())
                    .filter(old -> old.settings().equals(route.settings()))
                    .isPresent();
            wished.add(same ? routes.route(route.name()).orElseThrow() : route.withOrigin(Origin.API));
        }
        ObjectNode limits = replacement.rateLimits() == null ? routes.rateLimits() : replacement.rateLimits();
        return new Wishes(before.pools(), routes.with(limits, wished));
    }

    private Wishes putPool(StructureChange.PutPool put) {
        Optional<PoolState> existing = before.pool(put.name());
        requireRevision(existing.map(PoolState::revision).orElse(0L));
        existing.ifPresent(this::requireEpoch);
        requireName(put.name());
        PoolSettings settings = interpreter.pool(put.name(), put.document());
        PoolState old = existing.orElseGet(() -> PoolState.empty(put.name()));
        requireMayGo(old, settings);
        PoolState next = old;
        for (BackendState backend : old.backends()) {
            if (goes(backend, settings)) {
                next = next.without(backend.id());
            }
        }
        for (BackendSettings backend : settings.backends()) {
            next = next.with(put(next, backend));
        }
        Document document = new Document(put.name(), Origin.API, Documents.withoutBackends(put.document()));
        boolean sameSettings = existing.isPresent() && old.settings().equals(document.settings());
        next = next.withMinInService(settings.minInService())
                .withSettings(sameSettings ? old.origin() : Origin.API, document.settings());
        created = existing.isEmpty();
        requireMayMeet(put.name(), existing.isPresent(), existing.isPresent() && next.equals(old));
        return replacePool(next);
    }

    private static BackendState put(PoolState state, BackendSettings wished) {
        BackendState old = state.backend(wished.id()).orElse(null);
        boolean stays = old != null && old.address().equals(wished.address());
        long incarnation = state.nextIncarnation(wished.id()) - (stays ? 1 : 0);
        boolean inFile = old != null && old.source() == BackendSource.STATIC;
        return BackendState.of(
                wished,
                incarnation,
                old == null ? List.of() : old.holds(),
                inFile ? BackendSource.STATIC : BackendSource.API);
    }

    /** No document names those that come and go by themselves, so that none takes them out either. */
    private static boolean goes(BackendState backend, PoolSettings wished) {
        return !backend.source().isDynamic()
                && wished.backends().stream().noneMatch(each -> each.id().equals(backend.id()));
    }

    private Wishes replacePool(PoolState next) {
        List<PoolState> pools = new ArrayList<>(before.pools());
        pools.removeIf(pool -> pool.pool().equals(next.pool()));
        int at = before.pools().stream().map(PoolState::pool).toList().indexOf(next.pool());
        pools.add(at < 0 ? pools.size() : at, next);
        return new Wishes(pools, before.routes());
    }

    private void requireMayGo(PoolState old, PoolSettings wished) {
        List<Detail> held = new ArrayList<>();
        for (BackendState backend : old.backends()) {
            if (goes(backend, wished)) {
                heldByOthers(backend).ifPresent(held::add);
            }
        }
        if (!held.isEmpty()) {
            throw new ChangeRefusedException(Refusal.HELD_BY_OTHERS, held);
        }
    }

    private Optional<Detail> heldByOthers(BackendState backend) {
        List<String> others = backend.holds().stream()
                .filter(hold -> !hold.view().author().equals(request.author()))
                .map(hold -> hold.view().name() + " (" + hold.view().author() + ")")
                .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(new Detail("", backend.id() + " is held by " + String.join(", ", others)));
    }

    private Wishes removePool(StructureChange.RemovePool removal) {
        PoolState pool = before.pool(removal.name())
                .orElseThrow(
                        () -> new ChangeRefusedException(Refusal.UNKNOWN_POOL, "there is no pool " + removal.name()));
        requireRevision(pool.revision());
        requireEpoch(pool);
        List<Detail> used = interpreter.routesTo(removal.name(), before.routes()).stream()
                .map(route -> new Detail("", "route " + route + " leads to pool " + removal.name()))
                .toList();
        if (!used.isEmpty()) {
            throw new ChangeRefusedException(Refusal.IN_USE, used);
        }
        List<Detail> held = pool.backends().stream()
                .map(this::heldByOthers)
                .flatMap(Optional::stream)
                .toList();
        if (!held.isEmpty() && !removal.force()) {
            throw new ChangeRefusedException(Refusal.HELD_BY_OTHERS, held);
        }
        List<PoolState> rest = before.pools().stream()
                .filter(each -> !each.pool().equals(removal.name()))
                .toList();
        return new Wishes(rest, before.routes());
    }

    private Wishes takeFile(StructureChange.TakeFile taken) {
        try {
            return new FileMerge(lastFile, taken.file(), before, taken.prefer()).merge();
        } catch (FileConflictException e) {
            List<Detail> details = e.conflicts().stream()
                    .map(conflict -> new Detail(conflict.key(), conflict.toString()))
                    .toList();
            throw new ChangeRefusedException(Refusal.FILE_CONFLICT, details);
        }
    }

    private void requireRevision(long revision) {
        var revisions = request.precondition().revisions();
        if (revisions != null && !revisions.contains(revision)) {
            throw new ChangeRefusedException(
                    Refusal.REVISION_MISMATCH, "revision is " + revision + " (expected: " + revisions + ")");
        }
    }

    private void requireEpoch(PoolState pool) {
        Long epoch = request.epoch();
        if (epoch != null && epoch < pool.epoch()) {
            throw new ChangeRefusedException(
                    Refusal.STALE_EPOCH, "epoch: " + epoch + " (expected: >= " + pool.epoch() + ")");
        }
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new ChangeRefusedException(
                    Refusal.INVALID, List.of(new Detail("/name", name + " (expected: " + NAME + ")")));
        }
    }

    private void requireMayMeet(String name, boolean exists, boolean same) {
        boolean may = switch (request.precondition().existing()) {
            case ANY -> true;
            case SAME -> !exists || same;
            case NONE -> !exists;
        };
        if (!may) {
            throw new ChangeRefusedException(Refusal.ALREADY_EXISTS, name + " exists");
        }
    }

    private static Map<String, Document> byName(List<Document> routes) {
        Map<String, Document> byName = new LinkedHashMap<>();
        routes.forEach(route -> byName.put(route.name(), route));
        return byName;
    }
}
