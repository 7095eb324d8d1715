/*
 * cmd_import_graph.c: whether what a document says about its things goes round in a circle.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "command/cmd_import_collab.h"

typedef enum NodeState
{
	NODE_NEW,
	NODE_OPEN, /* on the way that is walked now */
	NODE_CLOSED, /* everything behind it was walked */
} NodeState;

typedef struct Walk
{
	const ImportEdge *edges;
	int *next; /* by node: its next edge to walk */
	const int *ends; /* by node: the first edge of the nodes behind it */
	NodeState *states;
	int *way; /* the open nodes in their order */
	int length;
} Walk;

static void
enter(Walk *walk, int node)
{
	walk->states[node] = NODE_OPEN;
	walk->way[walk->length++] = node;
}

/* Depth first from one node; without recursion, a document may be a chain of all its tasks. */
static int
walk_from(Walk *walk, int node)
{
	enter(walk, node);
	while (walk->length > 0)
	{
		int here = walk->way[walk->length - 1];
		int edge;

		CHECK_FOR_INTERRUPTS();
		if (walk->next[here] == walk->ends[here])
		{
			walk->states[here] = NODE_CLOSED;
			walk->length--;
			continue;
		}
		edge = walk->next[here]++;
		if (walk->states[walk->edges[edge].to] == NODE_OPEN)
			return edge;
		if (walk->states[walk->edges[edge].to] == NODE_NEW)
			enter(walk, walk->edges[edge].to);
	}
	return -1;
}

int
import_find_circle(const ImportEdge *edges, int edge_count, int node_count)
{
	int *ends = palloc(sizeof(int) * (node_count + 1));
	Walk walk = {
		.edges = edges,
		.next = palloc(sizeof(int) * (node_count + 1)),
		.ends = ends,
		.states = palloc0(sizeof(NodeState) * (node_count + 1)),
		.way = palloc(sizeof(int) * (node_count + 1)),
	};
	int edge = 0;

	for (int node = 0; node < node_count; node++)
	{
		walk.next[node] = edge;
		while (edge < edge_count && edges[edge].from == node)
			edge++;
		ends[node] = edge;
	}
	for (int node = 0; node < node_count; node++)
	{
		int closing = walk.states[node] == NODE_NEW ? walk_from(&walk, node) : -1;

		if (closing >= 0)
			return closing;
	}
	return -1;
}
