package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.Origin;
import io.sluice.service.json.Json;

/**
 * Something with a name, described with the keys of the settings file. What they mean is for others to say ({@link Interpreter}).
 *
 * @param settings not to be changed
 */
public record Document(String name, Origin origin, ObjectNode settings) {
    public Document {
        settings = canonical(settings);
    }

    /** A copy in which the same number is the same node, however it was read. */
    static ObjectNode canonical(ObjectNode settings) {
        return Json.read(Json.writeBytes(settings), ObjectNode.class);
    }

    Document withOrigin(Origin changed) {
        return new Document(name, changed, settings);
    }
}
