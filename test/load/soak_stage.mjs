// soak_stage.mjs: what the soak test plays on, and what is done there: people, workspaces, boards with tasks, and one
// message after the other, chosen at random. It keeps the number of tasks where it is: what it makes it deletes.

const any = (list) => list[Math.floor(Math.random() * list.length)];

export class Stage {
  /** `workspaces`: boards of each; every person is a member of all. */
  constructor({ people, workspaces, tasks }) {
    this.sizes = { people, workspaces, tasks };
    this.people = []; // { name, id }
    this.workspaces = []; // { id, boards: [{ id, lists: [id], tasks: [id] }] }
  }

  get boards() { return this.workspaces.flatMap(({ boards }) => boards); }

  async fill(world) {
    await world.sql.query('SET collab.member_limit = 1000');
    for (let n = 1; n <= this.sizes.people; n++) {
      const name = `person${n}`;
      const { user_id } = await world.one('SELECT user_id FROM collab.upsert_user($1, $2, $3)', ['test', name, `Person ${n}`]);
      this.people.push({ name, id: user_id });
    }
    for (const [number, boards] of this.sizes.workspaces.entries()) this.workspaces.push(await this.#workspace(world, number, boards));
  }

  async #workspace(world, number, boards) {
    const { id } = (await world.one(`SELECT (collab.create_workspace($1)->'result'->>'workspace_id')::uuid AS id`, [`Soak ${number + 1}`]));
    await world.sql.query(`SELECT collab.add_member($1, p.id, 'member') FROM unnest($2::bigint[]) AS p (id)`, [id, this.people.map((each) => each.id)]);
    const made = [];
    for (let n = 1; n <= boards; n++) made.push(await this.#board(world, id, `Board ${n}`));
    return { id, boards: made };
  }

  async #board(world, workspace_id, name) {
    const { id } = await world.one(`SELECT (collab.create_board($1, $2)->'result'->>'board_id')::uuid AS id`, [workspace_id, name]);
    const lists = (await world.sql.query('SELECT id FROM collab.lists WHERE board_id = $1 ORDER BY rank', [id])).rows.map((row) => row.id);
    const { rows } = await world.sql.query(`SELECT (collab.create_task($1, $2, 'Task ' || n)->'result'->>'task_id')::uuid AS id
      FROM generate_series(1, $3::int) AS n`, [id, lists[0], this.sizes.tasks]);
    return { id, lists, tasks: rows.map((row) => row.id) };
  }

  /** One message of that client about one of these boards; its kind. */
  act(client, boards) {
    const kind = any(KINDS);
    const board = any(boards);
    ({ command: this.#command, cursor: this.#cursor, read: this.#read, heartbeat: () => client.heartbeat() })[kind].call(this, client, board);
    return kind;
  }

  #command(client, board) {
    const board_id = board.id;
    const choice = Math.random();
    if (choice < 0.1 || board.tasks.length < this.sizes.tasks / 2) {
      client.ask('CREATE_TASK', { board_id, list_id: any(board.lists), title: `Made at ${new Date().toISOString()}` }).then((answer) => {
        if (answer?.type === 'ACK') board.tasks.push(answer.payload.result.task_id);
      });
      return;
    }
    const task_id = any(board.tasks);
    if (choice < 0.2 && board.tasks.length > this.sizes.tasks) {
      board.tasks.splice(board.tasks.indexOf(task_id), 1);
      client.ask('DELETE_TASK', { board_id, task_id });
    } else if (choice < 0.5) client.ask('MOVE_TASK', { board_id, task_id, to_list_id: any(board.lists), new_position: Math.floor(Math.random() * 6) });
    else if (choice < 0.7) client.ask('UPDATE_TASK', { board_id, task_id, updates: { title: `Größe ${Math.random()}`, description: 'Some words.' } });
    else if (choice < 0.8) client.ask('ADD_COMMENT', { board_id, task_id, text: 'A comment of some words.' });
    else if (choice < 0.9) client.ask('ASSIGN_TASK', { board_id, task_id, user_id: any(this.people).id });
    else client.ask(choice < 0.95 ? 'COMPLETE_TASK' : 'REOPEN_TASK', { board_id, task_id });
  }

  #cursor(client, board) {
    const board_id = board.id;
    if (Math.random() < 0.8) client.send('CURSOR_MOVE', { board_id, x: Math.random() * 1000, y: Math.random() * 800 });
    else client.send('FOCUS_TASK', { board_id, task_id: any(board.tasks), editing: any([null, 'title', 'description']) });
  }

  #read(client, board) {
    const [type, payload] = any([
      ['GET_TASK', { task_id: any(board.tasks) }], ['GET_COMMENTS', { task_id: any(board.tasks) }], ['MY_TASKS', {}],
      ['SEARCH', { board_id: board.id, query: 'task' }], ['GET_ACTIVITY', { board_id: board.id, limit: 20 }], ['GET_NOTIFICATIONS', { limit: 20 }],
    ]);
    client.ask(type, payload);
  }
}

/** Of twenty messages. */
const KINDS = [...Array(8).fill('command'), ...Array(7).fill('cursor'), ...Array(3).fill('read'), ...Array(2).fill('heartbeat')];
