/* Protobuf messages that the codec tests pass around. */
#ifndef MAILSLOT_TEST_MESSAGES_H
#define MAILSLOT_TEST_MESSAGES_H

#include "test2.pb-c.h"
#include "test3.pb-c.h"
#include "trace.pb-c.h"

#include <mailslot/protobuf.h>

#include <float.h>
#include <math.h>

MAILSLOT_PROTOBUF(everything, Test3__Everything, test3__everything__descriptor)
MAILSLOT_PROTOBUF(choice, Test3__Choice, test3__choice__descriptor)
MAILSLOT_PROTOBUF(tree, Test3__Tree, test3__tree__descriptor)
MAILSLOT_PROTOBUF(old, Test3__Old, test3__old__descriptor)
MAILSLOT_PROTOBUF(required, Test2__Required, test2__required__descriptor)
MAILSLOT_PROTOBUF(optional, Test2__Optional, test2__optional__descriptor)
MAILSLOT_PROTOBUF(wide, Test2__Wide, test2__wide__descriptor)
MAILSLOT_PROTOBUF(event, Trace__Event, trace__event__descriptor)

/** A message of every type there is, and its parts. */
struct sample_everything {
    Test3__Everything everything;
    Test3__Scalars scalars;
    Test3__Scalars *one_scalars;
    Test3__Lists lists;
    Test3__Choice choice;
    Test3__Maps maps;
    Test3__Maps__TextsEntry text, *one_text;
    Test3__Maps__DataEntry data, *one_data;
    Test3__Tree tree, leaf, *one_leaf;
};

static inline void sample_scalars(Test3__Scalars *scalars) {
    test3__scalars__init(scalars);
    scalars->f64 = -DBL_MIN;
    scalars->f32 = FLT_MAX;
    scalars->i32 = INT32_MIN;
    scalars->i64 = INT64_MIN;
    scalars->u32 = UINT32_MAX;
    scalars->u64 = UINT64_MAX;
    scalars->s32 = INT32_MIN;
    scalars->s64 = INT64_MIN;
    scalars->x32 = UINT32_MAX;
    scalars->x64 = UINT64_MAX;
    scalars->sx32 = INT32_MIN;
    scalars->sx64 = INT64_MIN;
    scalars->flag = 1;
    scalars->text = "\xe2\x82\xac";
    scalars->data = (ProtobufCBinaryData){3, (uint8_t *)"\0\xff\0"};
    scalars->color = TEST3__COLOR__BELOW;
}

static inline void sample_lists(Test3__Lists *lists) {
    static double f64[] = {0, -INFINITY};
    static float f32[] = {1.5f};
    static int32_t i32[] = {0, 1, INT32_MIN};
    static uint64_t u64[] = {0, UINT64_MAX};
    static protobuf_c_boolean flags[] = {1, 0, 1};
    static char *texts[] = {"", "two"};
    static ProtobufCBinaryData data[] = {{0, NULL}, {2, (uint8_t *)"\0\1"}};
    test3__lists__init(lists);
    lists->n_f64 = 2;
    lists->f64 = f64;
    lists->n_f32 = 1;
    lists->f32 = f32;
    lists->n_i32 = lists->n_s32 = lists->n_sx32 = lists->n_loose = 3;
    lists->i32 = lists->s32 = lists->sx32 = lists->loose = i32;
    lists->n_u64 = lists->n_x64 = 2;
    lists->u64 = lists->x64 = u64;
    lists->n_flag = 3;
    lists->flag = flags;
    lists->n_text = 2;
    lists->text = texts;
    lists->n_data = 2;
    lists->data = data;
}

static inline void sample_maps(struct sample_everything *sample) {
    test3__maps__init(&sample->maps);
    test3__maps__texts_entry__init(&sample->text);
    sample->text.key = "key";
    sample->text.value = "value";
    sample->one_text = &sample->text;
    sample->maps.n_texts = 1;
    sample->maps.texts = &sample->one_text;
    test3__maps__data_entry__init(&sample->data);
    sample->data.key = 1;
    sample->one_data = &sample->data;
    sample->maps.n_data = 1;
    sample->maps.data = &sample->one_data;
}

static inline void sample_tree(struct sample_everything *sample) {
    test3__tree__init(&sample->tree);
    test3__tree__init(&sample->leaf);
    sample->leaf.name = "leaf";
    sample->one_leaf = &sample->leaf;
    sample->tree.child = &sample->leaf;
    sample->tree.n_children = 1;
    sample->tree.children = &sample->one_leaf;
}

static inline const Test3__Everything *sample_everything(struct sample_everything *sample) {
    sample_scalars(&sample->scalars);
    sample_lists(&sample->lists);
    sample->one_scalars = &sample->scalars;
    sample->lists.n_scalars = 1;
    sample->lists.scalars = &sample->one_scalars;
    sample_maps(sample);
    sample_tree(sample);
    test3__choice__init(&sample->choice);
    sample->choice.kind_case = TEST3__CHOICE__KIND_TREE;
    sample->choice.tree = &sample->tree;
    test3__everything__init(&sample->everything);
    sample->everything.scalars = &sample->scalars;
    sample->everything.lists = &sample->lists;
    sample->everything.choice = &sample->choice;
    sample->everything.maps = &sample->maps;
    sample->everything.tree = &sample->tree;
    return &sample->everything;
}

/** A typical trace.Event, and its parts. */
struct sample_event {
    Trace__Event event;
    Trace__Event__AttributesEntry entries[3], *attributes[3];
};

static inline const Trace__Event *sample_event(struct sample_event *sample) {
    static char *const names[][2] = {
        {"user", "postgres"}, {"address", "192.0.2.117"}, {"port", "52044"}};
    trace__event__init(&sample->event);
    sample->event.timestamp = UINT64_C(1763823600123456789);
    sample->event.severity = TRACE__SEVERITY__SEVERITY_WARNING;
    sample->event.host = "db3.example.org";
    sample->event.process = "sshd[81154]";
    sample->event.message = "Failed password for invalid user postgres from 192.0.2.117 port 52044";
    for (int i = 0; i < 3; i++) {
        trace__event__attributes_entry__init(&sample->entries[i]);
        sample->entries[i].key = names[i][0];
        sample->entries[i].value = names[i][1];
        sample->attributes[i] = &sample->entries[i];
    }
    sample->event.n_attributes = 3;
    sample->event.attributes = sample->attributes;
    return &sample->event;
}

#endif
