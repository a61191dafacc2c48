package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.Origin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Merges the routes of a file with those that are live, by name and then key by key; their order is one more thing that may differ. */
final class RoutesMerge {
    private final ThreeWay values;
    private final @Nullable FileContents base;
    private final FileContents file;
    private final RoutesState live;

    RoutesMerge(ThreeWay values, @Nullable FileContents base, FileContents file, RoutesState live) {
        this.values = values;
        this.base = base;
        this.file = file;
        this.live = live;
    }

    RoutesState merge() {
        Map<String, Document> merged = new LinkedHashMap<>();
        Set<String> all = new LinkedHashSet<>(names(live.routes()));
        all.addAll(names(file.routes()));
        for (String name : all) {
            Document route = merge(
                    name,
                    base == null ? null : base.route(name).orElse(null),
                    file.route(name).orElse(null),
                    live.route(name).orElse(null));
            if (route != null) {
                merged.put(name, route);
            }
        }
        ObjectNode limits = values.merge(
                "rate-limits", base == null ? null : base.rateLimits(), file.rateLimits(), live.rateLimits());
        return live.with(
                limits, order(merged.keySet()).stream().map(merged::get).toList());
    }

    private @Nullable Document merge(
            String name, @Nullable Document was, @Nullable Document inFile, @Nullable Document inUse) {
        String key = "routes." + name;
        if (inFile == null) {
            if (was == null || inUse == null) {
                return inUse;
            }
            boolean untouched = inUse.settings().equals(was.settings());
            return untouched || values.fileWins(key, null, was, inUse) ? null : inUse;
        }
        if (inUse == null) {
            boolean comes = was == null
                    || (!was.settings().equals(inFile.settings()) && values.fileWins(key, inFile, was, null));
            return comes ? inFile.withOrigin(Origin.FILE) : null;
        }
        ObjectNode settings =
                values.merge(key, was == null ? null : was.settings(), inFile.settings(), inUse.settings());
        Origin origin = Document.canonical(settings).equals(inFile.settings()) ? Origin.FILE : Origin.API;
        return new Document(name, origin, settings);
    }

    /** One side's order; what only the other side has follows what it followed there. */
    private List<String> order(Set<String> staying) {
        List<String> inFile = names(file.routes());
        List<String> inUse = names(live.routes());
        Set<String> shared = inFile.stream().filter(inUse::contains).collect(Collectors.toSet());
        List<String> was = base == null ? inFile : names(base.routes());
        List<String> fileOrder = only(shared, inFile);
        List<String> liveOrder = only(shared, inUse);
        Set<String> everywhere = shared.stream().filter(was::contains).collect(Collectors.toSet());
        boolean fileMoved = !only(everywhere, fileOrder).equals(only(everywhere, was));
        boolean liveMoved = !only(everywhere, liveOrder).equals(only(everywhere, was));
        boolean byFile = !fileOrder.equals(liveOrder)
                && (fileMoved || !liveMoved)
                && (!liveMoved || values.fileWins("routes (order)", fileOrder, only(everywhere, was), liveOrder));
        List<String> order = byFile ? insert(inFile, inUse) : insert(inUse, inFile);
        return only(staying, order);
    }

    private static List<String> insert(List<String> into, List<String> from) {
        List<String> order = new ArrayList<>(into);
        int after = -1;
        for (String name : from) {
            int known = order.indexOf(name);
            if (known < 0) {
                after++;
                order.add(after, name);
            } else {
                after = known;
            }
        }
        return order;
    }

    private static List<String> only(Set<String> which, List<String> names) {
        return names.stream().filter(which::contains).toList();
    }

    private static List<String> names(List<Document> routes) {
        return routes.stream().map(Document::name).toList();
    }
}
