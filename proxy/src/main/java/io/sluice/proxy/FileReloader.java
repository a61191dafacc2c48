package io.sluice.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.admin.ReloadAdmin;
import io.sluice.proxy.admin.ReloadRequest;
import io.sluice.proxy.api.ReloadResult;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.pool.StructureChange;
import io.sluice.proxy.pool.StructureRequest;
import io.sluice.proxy.pool.StructureResult;
import io.sluice.service.problem.Problem;
import io.sluice.service.settings.InvalidSettingsException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the settings file again and has what changed merged into what is live, through the same way as every other change. */
final class FileReloader implements ReloadAdmin.Reloader {
    private static final Logger LOG = LoggerFactory.getLogger(FileReloader.class);

    private final Vertx vertx;
    private final WorkerExecutor worker;
    private final ProxyInterpreter interpreter;
    private final Pools pools;
    private final ProxySettings started;
    private final @Nullable Callable<ProxySettings> source;

    /**
     * @param worker one thread, so that what was read last is taken in last
     * @param started what the process runs with
     * @param source absent when there is no file
     */
    FileReloader(
            Vertx vertx,
            WorkerExecutor worker,
            ProxyInterpreter interpreter,
            Pools pools,
            ProxySettings started,
            @Nullable Callable<ProxySettings> source) {
        this.vertx = vertx;
        this.worker = worker;
        this.interpreter = interpreter;
        this.pools = pools;
        this.started = started;
        this.source = source;
    }

    @Override
    public Future<ReloadResult> reload(ReloadRequest request) {
        Callable<ProxySettings> file = source;
        if (file == null) {
            return Future.failedFuture(Problem.of("no-settings-file", 409, "There is no settings file")
                    .withDetail("this proxy was started with settings that its program made")
                    .asException());
        }
        return worker.executeBlocking(() -> new SettingsSide(file.call()))
                .compose(side -> take(side, request))
                .onSuccess(FileReloader::report)
                .onFailure(FileReloader::report);
    }

    private Future<ReloadResult> take(SettingsSide side, ReloadRequest request) {
        interpreter.offer(side);
        StructureRequest change = new StructureRequest(
                new StructureChange.TakeFile(side.contents(), request.prefer()),
                Precondition.NONE,
                request.author(),
                request.reason().isEmpty() ? "settings file changed" : request.reason(),
                null,
                request.dryRun());
        return Future.fromCompletionStage(pools.change(change), vertx.getOrCreateContext())
                .onComplete(done -> interpreter.withdraw(side))
                .map(result -> result(result, side, request));
    }

    private ReloadResult result(StructureResult result, SettingsSide side, ReloadRequest request) {
        return new ReloadResult(
                result.changed(),
                request.dryRun(),
                result.routes().revision(),
                result.changes(),
                needsRestart(side.settings()));
    }

    private List<String> needsRestart(ProxySettings now) {
        List<String> keys = new ArrayList<>();
        differences("", rest(started), rest(now), keys);
        return keys;
    }

    private static ObjectNode rest(ProxySettings settings) {
        FileDocuments documents = settings.documents();
        return documents == null ? JsonNodeFactory.instance.objectNode() : documents.rest();
    }

    private static void differences(String key, JsonNode before, JsonNode now, List<String> keys) {
        if (!before.isObject() || !now.isObject()) {
            if (!before.equals(now)) {
                keys.add(key);
            }
            return;
        }
        Set<String> names = new LinkedHashSet<>();
        before.fieldNames().forEachRemaining(names::add);
        now.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            String inner = key.isEmpty() ? name : key + "." + name;
            JsonNode nothing = JsonNodeFactory.instance.missingNode();
            JsonNode was = Objects.requireNonNullElse(before.get(name), nothing);
            JsonNode is = Objects.requireNonNullElse(now.get(name), nothing);
            // A section that is new is as good as one that was empty.
            differences(inner, is.isObject() ? section(was) : was, was.isObject() ? section(is) : is, keys);
        }
    }

    private static JsonNode section(JsonNode node) {
        return node.isMissingNode() ? JsonNodeFactory.instance.objectNode() : node;
    }

    private static void report(ReloadResult result) {
        if (!result.dryRun()) {
            LOG.info(
                    "settings file read again: {}{}",
                    result.changed() ? String.join(", ", result.changes()) : "nothing changed",
                    result.needsRestart().isEmpty()
                            ? ""
                            : "; needs a restart: " + String.join(", ", result.needsRestart()));
        }
    }

    private static void report(Throwable failure) {
        if (failure instanceof InvalidSettingsException invalid) {
            LOG.error("the settings file cannot be used, nothing changed:\n{}", invalid.table());
        } else if (failure instanceof ChangeRefusedException refused) {
            refused.details().forEach(detail -> LOG.error("settings file not taken in: {}", detail.text()));
        } else {
            LOG.error("the settings file was not read again", failure);
        }
    }
}
