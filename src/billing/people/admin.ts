/** The table `admin_users`: who may sign in to the console. */
export interface Admin {
  readonly id: number;
  readonly name: string;
  readonly role: 'viewer' | 'operator';
}
